//! The window in German. A binary of its own: the language is that of the whole process.

#[cfg(test)]
#[path = "../suite/soft_renderer.rs"]
mod soft_renderer;
#[cfg(test)]
#[expect(dead_code, reason = "the other tests use all of it")]
#[path = "../suite/window.rs"]
mod window;
#[cfg(test)]
#[expect(dead_code, reason = "the other tests use all of it")]
#[path = "../suite/words.rs"]
mod words;

#[cfg(test)]
mod pages;
