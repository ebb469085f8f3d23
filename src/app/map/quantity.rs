//! What an axis of the map can show: its value for a model, its words, and which end is better.

use serde::{Deserialize, Serialize};

use crate::app::{dates, rows};
use crate::estimate::ranking::{self, Subject as Benchmark};
use crate::estimate::{Brief, cost};
use crate::language::{fixed, tr};
use crate::model::Model;
use crate::units::{Bytes, GIB, params_text, rate_text, spoken_rate, tokens_text};

/// A quantity that every model has one value of, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Memory needed, GiB: on the GPUs for what lies wholly on them, else all of it.
    Memory,
    /// Decode rate of all requests together, tokens/s.
    Speed,
    /// Quality kept, percent.
    Kept,
    /// Benchmark score of 100 that the level leaves, published or estimated.
    Score,
    /// Parameters that a token uses, billions.
    Active,
    /// All parameters, billions.
    Total,
    /// Longest context that fits, tokens.
    Context,
    /// Release, months since year 0.
    Released,
    /// List price of an API, USD per million tokens written.
    Price,
}

/// How values lie on an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// By their logarithm, marked at 1, 2 and 5.
    Log,
    /// By their logarithm, marked at powers of two.
    Octaves,
    /// Evenly, marked at months and years.
    Months,
}

/// Which of two values is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The smaller.
    Less,
    /// The larger.
    More,
}

impl Better {
    /// The value, turned so that more is better.
    pub fn turned(self, value: f64) -> f64 {
        match self {
            Self::Less => -value,
            Self::More => value,
        }
    }
}

/// What a quantity is read from.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its figures at the level that is shown, where there are any.
    pub brief: Option<&'a Brief>,
    /// Longest context that fits, tokens, where it was asked for.
    pub longest: Option<u32>,
    /// Whether the machine has a GPU.
    pub has_gpu: bool,
}

impl Quantity {
    /// All, in the order of the lists.
    pub const ALL: [Self; 9] = [
        Self::Memory,
        Self::Speed,
        Self::Score,
        Self::Kept,
        Self::Active,
        Self::Total,
        Self::Context,
        Self::Price,
        Self::Released,
    ];

    /// Its name in a list.
    pub fn label(self) -> &'static str {
        match self {
            Self::Memory => tr!("Memory needed"),
            Self::Speed => tr!("Tokens/s"),
            Self::Kept => tr!("Quality kept"),
            Self::Score => tr!("Benchmark score"),
            Self::Price => tr!("API price"),
            Self::Active => tr!("Active parameters"),
            Self::Total => tr!("Total parameters"),
            Self::Context => tr!("Longest context"),
            Self::Released => tr!("Release date"),
        }
    }

    /// Its name at an axis, with the unit.
    pub fn title(self) -> &'static str {
        match self {
            Self::Memory => tr!("Memory needed, GiB"),
            Self::Speed => tr!("Tokens per second"),
            Self::Kept => tr!("Quality kept, %"),
            Self::Score => tr!("General score, 0 to 100"),
            Self::Price => tr!("API price, USD per million tokens written"),
            Self::Active => tr!("Active parameters, billions"),
            Self::Total => tr!("Total parameters, billions"),
            Self::Context => tr!("Longest context that fits, tokens"),
            Self::Released => tr!("Release date"),
        }
    }

    /// How its values lie on an axis: by their logarithm where they span decades.
    pub const fn scale(self) -> Scale {
        match self {
            Self::Memory | Self::Speed | Self::Active | Self::Total | Self::Price => Scale::Log,
            Self::Context => Scale::Octaves,
            Self::Kept | Self::Score => Scale::Linear,
            Self::Released => Scale::Months,
        }
    }

    /// Whether it is a fact of the model, the same on every machine.
    pub const fn is_fact(self) -> bool {
        matches!(self, Self::Active | Self::Total | Self::Released | Self::Price)
    }

    /// Its value in the unit of the axis; `None` where there is none.
    pub fn value(self, subject: &Subject<'_>) -> Option<f64> {
        let Subject { model, brief, longest, has_gpu } = *subject;
        let value = match self {
            Self::Memory => rows::against_line(brief?, has_gpu).gib(),
            Self::Speed => brief?.decode?.p50,
            Self::Kept => brief?.quality.point() * 100.0,
            Self::Score => ranking::score(model, Benchmark::General)?.at(brief?.quality.point()),
            Self::Price => cost::api_price(&model.id)?.output,
            Self::Active => model.params_active as f64 / 1e9,
            Self::Total => model.params_total as f64 / 1e9,
            Self::Context => f64::from(longest?),
            Self::Released => dates::months(&model.release_date)?,
        };
        let is_shown = value.is_finite() && (value > 0.0 || self.scale() == Scale::Linear);
        is_shown.then_some(value)
    }

    /// A value with its unit: "19.7 GiB".
    pub fn text(self, value: f64) -> String {
        match self {
            Self::Memory => gib(value).to_string(),
            Self::Speed => format!("{} tok/s", rate_text(value)),
            Self::Kept => format!("{} %", fixed(value, 1)),
            Self::Score => format!("{value:.0}"),
            Self::Price => format!("{} USD", fixed(value, 2)),
            Self::Active | Self::Total => params_text(params(value)),
            Self::Context => tokens_text(value as u64),
            Self::Released => dates::month_text(value),
        }
    }

    /// Where a model's value comes from, where that is not this program: the benchmark, the list of prices.
    pub fn source(self, model: &Model) -> Option<String> {
        match self {
            Self::Score => {
                let score = ranking::score(model, Benchmark::General)?;
                Some(ranking::explain(model, &score))
            }
            Self::Price => cost::api_price(&model.id).map(cost::ApiPrice::dated),
            _ => None,
        }
    }

    /// Whether a model's value was read, and not estimated, in a word where that differs between models.
    pub fn kind(self, model: &Model) -> Option<&'static str> {
        let is_score = self == Self::Score;
        is_score.then(|| ranking::score(model, Benchmark::General).map(|score| score.kind()))?
    }

    /// A value in a spoken sentence, with what it is.
    pub fn spoken(self, value: f64) -> String {
        match self {
            Self::Memory => tr!("needs {gib}", gib = gib(value)),
            Self::Speed => spoken_rate(value),
            Self::Kept => tr!("keeps {value} % of its quality", value = fixed(value, 1)),
            Self::Score => tr!("scores {value} of 100", value = format!("{value:.0}")),
            Self::Price => tr!("{value} US dollars per million tokens written", value = fixed(value, 2)),
            Self::Active => tr!("{params} active parameters", params = params_text(params(value))),
            Self::Total => tr!("{params} parameters", params = params_text(params(value))),
            Self::Context => tr!("longest context {tokens} tokens", tokens = tokens_text(value as u64)),
            Self::Released => tr!("released {month}", month = dates::month_text(value)),
        }
    }
}

fn gib(value: f64) -> Bytes {
    Bytes((value * GIB as f64).round() as u64)
}

fn params(billions: f64) -> u64 {
    (billions * 1e9).round() as u64
}

/// Which ends of two axes are better together.
///
/// Less memory is better where it is the price of something: quality, parameters. Against speed, context and
/// date it stands for how large a model is: there the smallest would win at everything, and what is worth
/// knowing is the largest that is still fast. Likewise active parameters are a price only against all of them, and
/// both against a score.
pub fn better(x: Quantity, y: Quantity) -> [Better; 2] {
    let of = |this: Quantity, other: Quantity| {
        let is_price = match this {
            Quantity::Memory => {
                use Quantity::{Active, Kept, Score, Total};
                matches!(other, Kept | Score | Active | Total)
            }
            Quantity::Active => matches!(other, Quantity::Total | Quantity::Score),
            Quantity::Total => other == Quantity::Score,
            Quantity::Price => true,
            _ => false,
        };
        if is_price { Better::Less } else { Better::More }
    };
    [of(x, y), of(y, x)]
}

/// How a model is called that is better by this.
pub fn comparative(quantity: Quantity, better: Better) -> &'static str {
    match (quantity, better) {
        (Quantity::Memory, Better::Less) => tr!("smaller in memory"),
        (Quantity::Memory, Better::More) => tr!("larger in memory"),
        (Quantity::Speed, _) => tr!("faster"),
        (Quantity::Kept, _) => tr!("better kept"),
        (Quantity::Score, _) => tr!("better in its score"),
        (Quantity::Price, _) => tr!("cheaper"),
        (Quantity::Active, Better::Less) => tr!("lighter to compute"),
        (Quantity::Active, Better::More) => tr!("larger by active parameters"),
        (Quantity::Total, Better::Less) => tr!("smaller"),
        (Quantity::Total, Better::More) => tr!("larger"),
        (Quantity::Context, _) => tr!("longer in context"),
        (Quantity::Released, _) => tr!("newer"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::grid::testing::brief;
    use crate::estimate::FitClass;
    use crate::model::Catalog;

    #[test]
    fn values_come_from_model_and_figures() {
        let catalog = Catalog::embedded();
        let model = catalog.get(catalog.find("Qwen/Qwen3-30B-A3B").unwrap());
        let known = brief(FitClass::Fits, 216.0, 0.985);
        let subject = Subject { model, brief: Some(&known), longest: Some(40_960), has_gpu: true };
        let text = |quantity: Quantity| quantity.text(quantity.value(&subject).unwrap());
        assert_eq!(text(Quantity::Speed), "216 tok/s");
        assert_eq!(text(Quantity::Kept), "98.5 %");
        assert_eq!(text(Quantity::Total), "30.5B");
        assert_eq!(text(Quantity::Active), params_text(model.params_active));
        assert_eq!(text(Quantity::Context), "40K");
        assert_eq!(text(Quantity::Memory), known.on_gpu.to_string());
        let unknown = Subject { brief: None, longest: None, ..subject };
        // Not every model has a price.
        for quantity in Quantity::ALL.into_iter().filter(|quantity| *quantity != Quantity::Price) {
            assert_eq!(quantity.value(&unknown).is_some(), quantity.is_fact(), "{quantity:?}");
        }
    }

    #[test]
    fn memory_is_a_price_only_where_it_buys_something() {
        use Better::{Less, More};
        assert_eq!(better(Quantity::Memory, Quantity::Speed), [More, More]);
        assert_eq!(better(Quantity::Memory, Quantity::Kept), [Less, More]);
        assert_eq!(better(Quantity::Memory, Quantity::Score), [Less, More]);
        assert_eq!(better(Quantity::Price, Quantity::Total), [Less, More]);
        assert_eq!(better(Quantity::Total, Quantity::Active), [More, Less]);
        assert_eq!(better(Quantity::Active, Quantity::Speed), [More, More]);
        assert_eq!(better(Quantity::Released, Quantity::Memory), [More, More]);
    }
}
