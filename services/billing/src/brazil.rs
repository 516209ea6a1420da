//! What is special about paying in Brazil: who pays (CPF and CNPJ), and on which days banks work.

mod calendar;
mod holidays;
mod tax_id;

pub(crate) use calendar::{day, end_of, last_payable, start_of};
pub(crate) use tax_id::TaxId;
