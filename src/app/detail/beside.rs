//! What stands beside the speeds: the first answer after a cold start, and what guessing ahead would be worth.

use crate::estimate::scenario::DraftRequest;
use crate::estimate::{FitClass, Plan, Range, Scenario, cold};
use crate::language::{fixed, tr};
use crate::model::{Catalog, Model};
use crate::quant::{FileType, Level};
use crate::units::seconds_text;

use super::memory::precise;
use super::{Known, Subject};

/// Tokens that a draft guesses at once: llama.cpp's default.
const GUESSES: u32 = 3;
/// A draft as large as this share of what it guesses for gains nothing.
const LARGEST_DRAFT: u64 = 8;

/// Time to the first token after a cold start.
pub(super) fn cold_start(subject: &Subject<'_>, plan: &Plan) -> Option<Known> {
    let (load, first) = (plan.speed.load?, cold::first_token(&plan.speed)?);
    let disk = cold::disk_gbs(&subject.rig.host, subject.scenario.disk_gbs);
    let statement = tr!(
        "{first} s to the first token, of which {load} s read the file ({low}–{high} s in all)",
        first = seconds_text(first.p50),
        load = seconds_text(load.p50),
        low = seconds_text(first.p10),
        high = seconds_text(first.p90)
    );
    let basis = tr!(
        "{size} from {medium} at {rate} GB/s ({low}–{high}); a file that was read of late is in memory still",
        size = precise(plan.file.bytes),
        medium = medium(subject),
        rate = fixed(disk.p50, 1),
        low = fixed(disk.p10, 1),
        high = fixed(disk.p90, 1)
    );
    Some(Known { name: tr!("First answer after a cold start"), statement, basis })
}

fn medium(subject: &Subject<'_>) -> &'static str {
    use crate::machine::parts::Medium;
    match subject.rig.host.disk {
        Medium::Nvme => tr!("an NVMe disk"),
        Medium::Ssd => tr!("an SSD"),
        Medium::Hdd => tr!("a turning disk"),
        Medium::Unknown => tr!("a disk of an unknown kind"),
    }
}

/// What guessing ahead would be worth: it is off, and nothing else counts it.
pub(super) fn guessing(subject: &Subject<'_>, plan: &Plan) -> Option<Known> {
    let Subject { estimator, model, scenario, rig } = *subject;
    if !scenario.engine.is_ggml() || scenario.concurrency > 1 || plan.speed.decode.is_none() {
        return None;
    }
    let (asked, guesser) = if model.mtp_layers > 0 {
        (Scenario { mtp: true, ..scenario.clone() }, tr!("its MTP layers").to_owned())
    } else {
        let draft = draft_for(model)?;
        let request =
            DraftRequest { model: draft.id.clone(), level: Level::Gguf(FileType::Q8_0), tokens: GUESSES };
        let guesser = tr!("{name} Q8_0 as its draft", name = draft.display_name);
        (Scenario { draft: Some(request), ..scenario.clone() }, guesser)
    };
    let with = estimator.plan(model, plan.level, &asked, rig).ok()?;
    let basis = tr!(
        "Off, and in no other figure. Text that is hard to guess, a chat, code; it slows down where guesses fail, \
         where each guess reads other experts, and with several requests at once"
    );
    let statement = match with.speed.speculation.filter(|_| with.fit.class != FitClass::TooBig) {
        Some(Range { p10, p50, p90 }) => tr!(
            "{low} to {high} times as fast with {guesser}, {middle} in a chat; takes {more} more",
            low = fixed(p10, 1),
            high = fixed(p90, 1),
            guesser,
            middle = fixed(p50, 1),
            more = precise(with.memory.total().saturating_sub(plan.memory.total()))
        ),
        None => tr!("No room for {guesser}", guesser),
    };
    Some(Known { name: tr!("Guessing ahead"), statement, basis: basis.to_owned() })
}

/// The smallest model that splits text as `model` does, of the same maker; of the same architecture first, then the
/// newest.
fn draft_for(model: &Model) -> Option<&'static Model> {
    let catalog = Catalog::embedded();
    let fits = |other: &&Model| {
        other.provider == model.provider
            && other.n_vocab == model.n_vocab
            && other.not_generating().is_none()
            && other.params_total * LARGEST_DRAFT <= model.params_active
    };
    let other = |draft: &&Model| draft.arch != model.arch;
    catalog.ids().map(|id| catalog.get(id)).filter(fits).min_by(|a, b| {
        (other(a).cmp(&other(b)))
            .then_with(|| a.params_total.cmp(&b.params_total))
            .then_with(|| b.release_date.cmp(&a.release_date))
            .then_with(|| a.id.cmp(&b.id))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_small_and_splits_text_alike() {
        let catalog = Catalog::embedded();
        let draft = |name: &str| draft_for(catalog.get(catalog.find(name).unwrap()));
        assert_eq!(draft("Qwen/Qwen3-32B").unwrap().id, "Qwen/Qwen3-0.6B");
        assert!(draft("Qwen/Qwen3-0.6B").is_none());
        for id in catalog.ids() {
            let model = catalog.get(id);
            if let Some(draft) = draft_for(model) {
                assert!(draft.n_vocab == model.n_vocab && draft.params_total * 8 <= model.params_active);
            }
        }
    }
}
