mod callbacks;
mod submitting;
