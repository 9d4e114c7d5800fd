//! Receipts, replies and clicks are merged into the ledgers.
