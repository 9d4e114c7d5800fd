//! Carriers' callbacks: checked, queued, answered.
