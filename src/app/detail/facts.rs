//! What the catalog says of the model itself, and what is folded under it.

use crate::app::dates;
use crate::language::tr;
use crate::model::{Catalog, Model, ModelId};
use crate::units::{params_text, tokens_text};

/// A fact of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// Its value; `None` is not stated by the publisher.
    pub value: Option<String>,
}

/// A model of the same shapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tune {
    /// Name without owner.
    pub name: String,
    /// Repository on the hub.
    pub repository: String,
    /// Its own record, which can be selected; without one it has the base model's numbers.
    pub id: Option<ModelId>,
    /// It is the selected one.
    pub selected: bool,
}

/// The name on the screen: that of the base model for its representative, else the publisher's.
pub(super) fn name(catalog: &Catalog, id: ModelId) -> String {
    let base = &catalog.bases()[catalog.base_of(id)];
    if base.id == id { base.name.clone() } else { catalog.get(id).display_name.clone() }
}

/// The base model and everything folded under it; empty where nothing is.
pub(super) fn tunes(catalog: &Catalog, id: ModelId) -> Vec<Tune> {
    let base = &catalog.bases()[catalog.base_of(id)];
    if base.variants.is_empty() {
        return Vec::new();
    }
    let representative = Tune {
        name: catalog.get(base.id).display_name.clone(),
        repository: catalog.get(base.id).id.clone(),
        id: Some(base.id),
        selected: base.id == id,
    };
    let variants = base.variants.iter().map(|variant| Tune {
        name: variant.name.clone(),
        repository: variant.repository.clone(),
        id: variant.id,
        selected: variant.id == Some(id),
    });
    std::iter::once(representative).chain(variants).collect()
}

pub(super) fn facts(model: &Model) -> Vec<Fact> {
    let fact = |name, value| Fact { name, value };
    let parameters = if model.params_active < model.params_total {
        tr!(
            "{params_total}, {params_active} active",
            params_total = params_text(model.params_total),
            params_active = params_text(model.params_active)
        )
    } else {
        params_text(model.params_total)
    };
    let inputs =
        [(true, tr!("text")), (model.modality.vision, tr!("images")), (model.modality.audio, tr!("sound"))];
    let inputs: Vec<&str> = inputs.into_iter().filter(|(takes, _)| *takes).map(|(_, what)| what).collect();
    vec![
        fact(tr!("Parameters"), Some(parameters)),
        fact(
            tr!("Trained context"),
            model.context_max.map(|tokens| tr!("{tokens} tokens", tokens = tokens_text(tokens.into()))),
        ),
        fact(tr!("Takes"), Some(inputs.join(", "))),
        fact(tr!("Licence"), model.license.clone()),
        fact(tr!("Released"), month(&model.release_date)),
        fact(tr!("Published by"), Some(model.provider.clone())),
    ]
}

/// "July 2025" for "2025-07", with or without a day; a year alone is no month.
fn month(date: &str) -> Option<String> {
    date.contains('-').then(|| dates::months(date)).flatten().map(dates::month_text)
}

/// `text` as a sentence: a capital first, and a full stop where it has none.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.trim_end_matches('.').chars();
    match chars.next() {
        None => String::new(),
        // Names keep their spelling.
        Some(_) if ["llama.cpp", "vLLM", "mlx-lm"].iter().any(|name| text.starts_with(name)) => {
            format!("{}.", text.trim_end_matches('.'))
        }
        Some(first) => format!("{}{}.", first.to_uppercase(), chars.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_sentences() {
        assert_eq!(month("2025-07").as_deref(), Some("July 2025"));
        assert_eq!(month("2024-12-06").as_deref(), Some("December 2024"));
        assert_eq!(month("2025"), None);
        assert_eq!(month("2025-13"), None);
        assert_eq!(sentence("no speed: why"), "No speed: why.");
        assert_eq!(sentence("llama.cpp does not"), "llama.cpp does not.");
        assert_eq!(sentence("Done."), "Done.");
    }

    #[test]
    fn every_model_has_a_name_and_six_facts() {
        let catalog = Catalog::embedded();
        for id in catalog.ids() {
            assert!(!name(catalog, id).is_empty());
            let facts = facts(catalog.get(id));
            assert_eq!(facts.len(), 6);
            let empty = facts.iter().find(|fact| fact.value.as_deref() == Some(""));
            assert_eq!(empty, None, "{}", catalog.get(id).id);
        }
    }

    #[test]
    fn tunes_mark_the_selected_one() {
        let catalog = Catalog::embedded();
        let base = catalog.bases().iter().find(|base| base.variants.iter().any(|v| v.id.is_some())).unwrap();
        let tunes = tunes(catalog, base.id);
        assert_eq!(tunes.len(), base.variants.len() + 1);
        assert_eq!(tunes.iter().filter(|tune| tune.selected).count(), 1);
        assert!(tunes[0].selected);
        let single = catalog.bases().iter().find(|base| base.variants.is_empty()).unwrap();
        assert_eq!(super::tunes(catalog, single.id), []);
    }
}
