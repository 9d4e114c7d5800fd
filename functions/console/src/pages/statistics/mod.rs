//! « Statistiques »: campaigns by period, and one campaign's results.

pub mod one;
pub mod period;
