//! What an operator may set about charges with a due date.

use crate::Error;
use serde::{Deserialize, Serialize};

/// `billing.efi.due` in the configuration: PIX charges that are due on a day and can be paid after it (`cobv`), for invoices that
/// leave days to pay. Where the payer's CPF or CNPJ or address is not known a charge of three days is made, as without this.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Due {
    /// Whether they are made. The application at Efí needs the scopes `cobv.write` and `cobv.read`.
    pub enabled: bool,
    /// For how many days after the due date they can be paid, 0 to 365; an end when no bank works moves on to the next day.
    pub valid_days: u32,
    /// What is charged once for being late, in percent of the amount, such as `"2.00"`. Default: nothing.
    pub fine_percent: Option<String>,
    /// What is charged for each month of being late, by days, in percent of the amount, such as `"1.00"`. Default: nothing.
    pub interest_percent: Option<String>,
}

impl Default for Due {
    fn default() -> Self {
        Self { enabled: false, valid_days: 30, fine_percent: None, interest_percent: None }
    }
}

impl Due {
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.valid_days > 365 {
            return Err(super::refused("due.valid_days", "must be 0 to 365"));
        }
        for (field, text) in
            [("due.fine_percent", &self.fine_percent), ("due.interest_percent", &self.interest_percent)]
        {
            if text.as_ref().is_some_and(|text| percent(text).is_none()) {
                return Err(super::refused(
                    field,
                    "must be 0.01 to 20.00 with two digits after the point, such as \"2.00\"",
                ));
            }
        }
        Ok(())
    }
}

/// As the API Pix writes it. None for what it does not take, and for what no court would.
fn percent(text: &str) -> Option<&str> {
    let (whole, rest) = text.split_once('.')?;
    let digits = |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let hundredths: u32 = Some((whole, rest))
        .filter(|_| digits(whole, 2) && rest.len() == 2 && digits(rest, 2))
        .and_then(|_| format!("{whole}{rest}").parse().ok())?;
    (1..=2000).contains(&hundredths).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_written_as_the_central_bank_takes_it() {
        for good in ["0.01", "2.00", "20.00", "1.50"] {
            assert_eq!(percent(good), Some(good));
        }
        for bad in ["", "2", "2.0", "2,00", "0.00", "20.01", "-1.00", "100.00", "1.٠٠", "a.bc"] {
            assert_eq!(percent(bad), None, "{bad}");
        }
    }
}
