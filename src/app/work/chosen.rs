//! What is remembered of the Work page. Saved settings are not trusted: `Chosen::tidy` bounds them.

use serde::{Deserialize, Serialize};

use crate::estimate::cost::{Currency, electricity};
use crate::estimate::workload::{
    Agent, Batch, Chat, Completion, Kind, REQUESTS_MAX, Users, Workload, check, presets,
};
use crate::language;
use crate::quant::Level;

/// Longest text in a person's words, letters.
pub const WORDS_MAX: usize = 200;
/// Longest name of an item, letters.
const NAME_MAX: usize = 24;
/// Longest repository, letters.
const MODEL_MAX: usize = 200;
/// Minutes of a day.
pub const DAY_MIN: u32 = 24 * 60;

/// Work, times and prices that are counted with. `None`: the value that is usual or known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chosen {
    /// Which kind is looked at.
    pub kind: Kind,
    /// The chat.
    pub chat: Chat,
    /// The batch.
    pub batch: Batch,
    /// The agent.
    pub agent: Agent,
    /// The users.
    pub users: Users,
    /// The completions.
    pub completion: Completion,
    /// The batch in a person's words.
    pub words: String,
    /// What its items are called, several of them.
    pub items: String,
    /// Pages of an item; `None`: its tokens are given.
    pub pages: Option<f64>,
    /// Tokens of a page.
    pub page_tokens: f64,
    /// The model by its repository, and its level; `None`: the best for the work.
    pub model: Option<(String, Level)>,
    /// Requests at once.
    pub at_once: Option<u32>,
    /// When it begins, minutes after midnight.
    pub start: u32,
    /// When it must be done, minutes after midnight; the first such time after the start.
    pub deadline: u32,
    /// Where electricity is paid for: an id of `assets/electricity.json`.
    pub place: String,
    /// Price of a kilowatt-hour instead.
    pub per_kwh: Option<f64>,
    /// What one unit of that currency is in US dollars.
    pub exchange: Option<f64>,
    /// Price of the machine, US dollars.
    pub price: Option<f64>,
    /// What it is worth at the end, US dollars.
    pub resale: Option<f64>,
    /// Years until then.
    pub years: f64,
    /// Share of the time in which it works.
    pub utilization: Option<f64>,
    /// Watts at the wall while it works.
    pub watts: Option<f64>,
    /// Watts while it waits.
    pub idle: Option<f64>,
    /// A rented card, US dollars an hour.
    pub rented: Option<f64>,
    /// API prices, US dollars a million tokens: read, read and kept, written.
    pub api: [Option<f64>; 3],
}

macro_rules! usual {
    ($kind:ident) => {
        match &presets::usual(Kind::$kind).work {
            Workload::$kind(work) => *work,
            // A preset is found by its kind; a test holds that there is one of each.
            _ => unreachable!("presets are found by their kind"),
        }
    };
}

impl Default for Chosen {
    fn default() -> Self {
        let preset = presets::usual(Kind::Batch);
        Self {
            kind: Kind::Batch,
            chat: usual!(Chat),
            batch: usual!(Batch),
            agent: usual!(Agent),
            users: usual!(Users),
            completion: usual!(Completion),
            words: String::new(),
            items: preset.item.as_ref().map_or("items", |(_, several)| several.as_str()).to_owned(),
            pages: preset.pages,
            page_tokens: presets::assumptions().page(),
            model: None,
            at_once: None,
            start: 20 * 60,
            deadline: 8 * 60,
            place: "us".to_owned(),
            per_kwh: None,
            exchange: None,
            price: None,
            resale: None,
            years: 3.0,
            utilization: None,
            watts: None,
            idle: None,
            rented: None,
            api: [None; 3],
        }
    }
}

impl Chosen {
    /// The work that is looked at.
    pub const fn work(&self) -> Workload {
        match self.kind {
            Kind::Chat => Workload::Chat(self.chat),
            Kind::Batch => Workload::Batch(self.batch),
            Kind::Agent => Workload::Agent(self.agent),
            Kind::Users => Workload::Users(self.users),
            Kind::Completion => Workload::Completion(self.completion),
        }
    }

    /// Other work, which is looked at from now on.
    pub const fn set_work(&mut self, work: &Workload) {
        match work {
            Workload::Chat(chat) => self.chat = *chat,
            Workload::Batch(batch) => self.batch = *batch,
            Workload::Agent(agent) => self.agent = *agent,
            Workload::Users(users) => self.users = *users,
            Workload::Completion(completion) => self.completion = *completion,
        }
        self.kind = work.kind();
    }

    /// Takes a preset.
    pub fn take(&mut self, preset: &presets::Preset) {
        self.set_work(&preset.work);
        self.at_once = None;
        if let Workload::Batch(_) = &preset.work {
            let several = preset.item.as_ref().map_or("items", |(_, several)| several.as_str());
            (self.items, self.pages, self.words) = (several.to_owned(), preset.pages, String::new());
            self.page_tokens = presets::assumptions().page();
        }
    }

    /// The preset that the work is, where it is one.
    pub fn preset(&self) -> Option<&'static presets::Preset> {
        let work = self.work();
        presets::presets().iter().find(|preset| preset.work == work)
    }

    /// Tokens of an item follow its pages.
    pub(super) fn count_pages(&mut self) {
        if let Some(pages) = self.pages {
            self.batch.input = (pages * self.page_tokens).round().clamp(1.0, f64::from(1 << 20)) as u32;
        }
    }

    /// The place of the price of electricity.
    pub fn place(&self) -> &'static electricity::Place {
        electricity::place(&self.place).unwrap_or(&electricity::places()[0])
    }

    /// The currency that electricity is paid in.
    pub fn currency(&self) -> Currency {
        self.place().currency
    }

    /// What the items of a batch are called, on the screen: what was typed stays as it is.
    pub fn items_words(&self) -> String {
        language::text(&self.items).to_owned()
    }

    /// Minutes from the start to the time at which it must be done; a whole day where both are the same.
    pub const fn minutes_until_deadline(&self) -> u32 {
        let until = (self.deadline + DAY_MIN - self.start) % DAY_MIN;
        if until == 0 { DAY_MIN } else { until }
    }

    /// Brings what was saved into range; what makes no sense becomes usual.
    pub(in crate::app) fn tidy(&mut self) {
        let usual = Self::default();
        let kind = self.kind;
        for (other, _) in Kind::ALL {
            self.kind = other;
            if check(&self.work()).is_err() {
                self.set_work(&Self { kind: other, ..usual.clone() }.work());
            }
        }
        self.kind = kind;
        self.words = self.words.chars().take(WORDS_MAX).collect();
        self.items = self.items.chars().filter(|letter| !letter.is_control()).take(NAME_MAX).collect();
        if self.items.trim().is_empty() {
            self.items = usual.items;
        }
        self.model = self.model.take().filter(|(model, _)| model.len() <= MODEL_MAX);
        self.start %= DAY_MIN;
        self.deadline %= DAY_MIN;
        self.at_once = self.at_once.map(|requests| requests.clamp(1, REQUESTS_MAX));
        if electricity::place(&self.place).is_none() {
            self.place = usual.place;
        }
        let keep = |value: &mut Option<f64>, key: &str| {
            *value = value.filter(|value| super::field::bounds(key).is_some_and(|b| b.check(*value).is_ok()));
        };
        keep(&mut self.pages, "pages");
        keep(&mut self.per_kwh, "per_kwh");
        keep(&mut self.exchange, "exchange");
        keep(&mut self.price, "price");
        keep(&mut self.resale, "resale");
        keep(&mut self.utilization, "utilization");
        keep(&mut self.watts, "watts");
        keep(&mut self.idle, "idle");
        keep(&mut self.rented, "rented");
        for (price, key) in self.api.iter_mut().zip(["api_in", "api_kept", "api_out"]) {
            keep(price, key);
        }
        let or_usual = |value: f64, key: &str, usual: f64| {
            let known = super::field::bounds(key);
            if known.is_some_and(|known| known.check(value).is_ok()) { value } else { usual }
        };
        self.years = or_usual(self.years, "years", usual.years);
        self.page_tokens = or_usual(self.page_tokens, "page_tokens", usual.page_tokens);
        if check(&self.work()).is_ok() {
            self.count_pages();
        }
    }
}
