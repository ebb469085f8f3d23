//! Numbers and dates as the current language writes them.

use super::{Language, current};

/// A number with so many decimals: "1.5", in German "1,5".
pub fn fixed(number: impl Into<f64>, decimals: usize) -> String {
    localized(format!("{:.decimals$}", number.into()))
}

/// A number as Rust writes it ("1.5"), with the decimal sign of the current language.
pub fn localized(number: String) -> String {
    match current() {
        Language::English => number,
        Language::German => number.replace('.', ","),
    }
}

/// A whole number in groups of three digits: "1,499", in German "1.499".
pub fn grouped(number: f64) -> String {
    let sign_between = match current() {
        Language::English => ',',
        Language::German => '.',
    };
    let digits = format!("{number:.0}");
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |rest| ("-", rest));
    let mut text = sign.to_owned();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(sign_between);
        }
        text.push(digit);
    }
    text
}

/// A number as it is typed in the current language, with the signs of English: "1.499,5" is "1,499.5" in German.
/// A point that parts no groups of three digits stays a decimal one there: "0.5", "11.5".
pub fn typed(number: &str) -> String {
    if current() == Language::English {
        return number.to_owned();
    }
    let is_group = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count() == 3;
    let mut parts = number.split('.');
    let are_groups = parts.next().is_some_and(|head| head.trim() != "0") && parts.all(is_group);
    if !number.contains(',') && !are_groups {
        return number.to_owned();
    }
    let swapped = |sign| match sign {
        '.' => ',',
        ',' => '.',
        other => other,
    };
    number.chars().map(swapped).collect()
}

/// A date, "2026-11-26" or "2026-11", in German "26.11.2026" and "11/2026". Another text stays as it is.
pub fn date(iso: &str) -> String {
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = iso.split('-').collect();
    match (current(), parts.as_slice()) {
        (Language::German, parts) if !parts.iter().all(is_number) => iso.to_owned(),
        (Language::German, [year, month, day]) if iso.len() == 10 => format!("{day}.{month}.{year}"),
        (Language::German, [year, month]) if iso.len() == 7 => format!("{month}/{year}"),
        _ => iso.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::within;
    use super::*;

    #[test]
    fn numbers_have_the_signs_of_the_language() {
        assert_eq!(fixed(1.25_f32, 1), "1.2");
        assert_eq!(fixed(1234.5, 1), "1234.5");
        within(Language::German, || {
            assert_eq!(fixed(0.25, 2), "0,25");
            assert_eq!(fixed(3, 0), "3");
            assert_eq!(localized("~1.5".to_owned()), "~1,5");
            assert_eq!(grouped(-1_234_567.0), "-1.234.567");
        });
    }

    #[test]
    fn groups_have_three_digits() {
        let texts = [0.0, 999.0, 1499.0, 12_345_678.4, -700.0, -1000.0].map(grouped);
        assert_eq!(texts, ["0", "999", "1,499", "12,345,678", "-700", "-1,000"]);
    }

    #[test]
    fn typed_numbers_have_the_signs_of_the_language() {
        assert_eq!(["1,499.5", "11,5"].map(typed), ["1,499.5", "11,5"]);
        within(Language::German, || {
            for (german, english) in [
                ("1.499,5", "1,499.5"),
                ("1.499", "1,499"),
                ("1.500k", "1,500k"),
                ("11,5 W", "11.5 W"),
                ("11.5", "11.5"),
                ("0.125", "0.125"),
                ("1.5M", "1.5M"),
                ("many", "many"),
                ("", ""),
            ] {
                assert_eq!(typed(german), english);
            }
            assert_eq!(typed(&grouped(12_345.0)), "12,345");
            assert_eq!(typed(&fixed(0.25, 2)), "0.25");
        });
    }

    #[test]
    fn dates_are_turned_round() {
        assert_eq!(date("2026-11-26"), "2026-11-26");
        within(Language::German, || {
            for (iso, text) in [
                ("2026-11-26", "26.11.2026"),
                ("2026-11", "11/2026"),
                ("2026", "2026"),
                ("n/a", "n/a"),
                ("2026-11-26T10", "2026-11-26T10"),
                ("b4-567-8-9", "b4-567-8-9"),
            ] {
                assert_eq!(date(iso), text);
            }
        });
    }
}
