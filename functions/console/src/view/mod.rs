//! The look of pages: layout, icons, shared parts, and formats of figures and dates.

pub mod assets;
pub mod chart;
pub mod format;
pub mod icons;
pub mod layout;
pub mod parts;
