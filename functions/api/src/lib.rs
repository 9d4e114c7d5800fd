//! The HTTPS JSON API of the accounts.
