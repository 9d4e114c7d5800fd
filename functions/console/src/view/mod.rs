//! How pages look: the frame, icons, small parts, what went wrong, and figures and dates as each language writes them.

pub mod assets;
pub mod chart;
pub mod format;
pub mod icons;
pub mod layout;
pub mod parts;
pub mod problem;
