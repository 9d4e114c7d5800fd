//! One batch goes to the carrier.
