//! Starts, paces, repairs and closes campaigns.
