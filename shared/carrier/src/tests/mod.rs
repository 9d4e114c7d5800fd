mod callbacks;
mod protocol;
mod submitting;
