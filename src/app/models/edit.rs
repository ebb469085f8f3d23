//! Changing a kept model: its name, and its numbers.

use crate::files::kept;
use crate::language::{of_json, tr, typed};
use crate::model::Model;

/// Longest name, letters.
const LONGEST_NAME: usize = 120;

/// A model that is being changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Its id.
    pub id: String,
    /// What is typed.
    pub fields: Fields,
    /// Why it cannot be taken over as it is.
    pub fault: Option<String>,
}

/// The fields of a model as a person types them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// Its name.
    pub name: String,
    /// Trained context in tokens; empty: not known.
    pub context: String,
    /// Licence; empty: not known.
    pub license: String,
    /// All numbers as the record has them, in JSON.
    pub record: String,
}

impl Fields {
    /// Those of a record.
    pub fn of(model: &Model) -> Self {
        Self {
            name: model.display_name.clone(),
            context: model.context_max.map(|context| context.to_string()).unwrap_or_default(),
            license: model.license.clone().unwrap_or_default(),
            record: serde_json::to_string_pretty(model).unwrap_or_default(),
        }
    }

    /// The record that they make of `before`: the single fields count where they were changed, else the JSON.
    ///
    /// # Errors
    /// What is wrong, in a sentence.
    pub fn record(&self, before: &Model) -> Result<Model, String> {
        let was = Self::of(before);
        let mut model: Model = serde_json::from_str(&self.record)
            .map_err(|error| tr!("The numbers are no record: {error}", error = of_json(&error)))?;
        if model.id != before.id {
            return Err(tr!("The id stays {id}", id = format!("{:?}", before.id)));
        }
        if self.name != was.name {
            self.name.trim().clone_into(&mut model.display_name);
        }
        if model.display_name.trim().is_empty() || model.display_name.chars().count() > LONGEST_NAME {
            return Err(tr!("A name has 1 to {most} letters", most = LONGEST_NAME));
        }
        if self.context != was.context {
            model.context_max = match self.context.trim() {
                "" => None,
                text => match typed(text).replace([',', ' ', '\u{a0}'], "").parse() {
                    Ok(tokens @ 1..) => Some(tokens),
                    _ => return Err(tr!("{text} is no number of tokens", text = format!("{text:?}"))),
                },
            };
        }
        if self.license != was.license {
            model.license = Some(self.license.trim().to_owned()).filter(|license| !license.is_empty());
        }
        kept::verify(&model).map_err(|reason| tr!("The numbers do not agree: it {reason}", reason))?;
        Ok(model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Catalog;

    #[test]
    fn a_record_is_changed_by_fields_and_by_json() {
        let before = &Catalog::embedded().models()[0];
        let mut fields = Fields::of(before);
        fields.name = " Mine ".to_owned();
        fields.context = "65,536".to_owned();
        let after = fields.record(before).unwrap();
        assert_eq!((after.display_name.as_str(), after.context_max), ("Mine", Some(65_536)));
        assert_eq!(after.params_text, before.params_text);
        fields.context = "long".to_owned();
        assert!(fields.record(before).unwrap_err().contains("\"long\""));
        let mut fields = Fields::of(before);
        fields.record = fields.record.replace("\"n_layer\": ", "\"n_layer\": 1");
        assert!(fields.record(before).unwrap_err().contains("do not agree"));
        fields.record.truncate(40);
        assert!(fields.record(before).unwrap_err().contains("no record"));
        let mut fields = Fields::of(before);
        fields.record = fields.record.replace(&before.id, "other/model");
        assert!(fields.record(before).unwrap_err().contains("stays"));
    }
}
