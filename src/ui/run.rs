//! Opens the window.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use eframe::egui::{IconData, ViewportBuilder};
use eframe::{NativeOptions, Renderer};
use thiserror::Error;

use super::background::Early;
use super::storage;
use super::window::{PlimsollApp, Start};
use crate::app::files::{self, APP_ID};
use crate::app::share::Shared;
use crate::language::{self, Language};
use crate::machine::Machine;

/// How the window is opened.
#[derive(Debug)]
pub struct Options {
    /// When the program started.
    pub started: Instant,
    /// A recorded machine, shown instead of this one.
    pub machine: Option<Machine>,
    /// Where the times of all frames are written when the window closes. Once the machine is known and its figures
    /// are on the screen, the window then draws without pause and without waiting for the display. The first line is
    /// the time from the start of the program to the end of the first frame, and to that of the first with figures;
    /// the others are a frame each: from its start to the start of the next; of that, what this program's own thread
    /// took, drivers that compute on it included; and of that, what drawing the page took, without triangles and
    /// drivers; all in milliseconds.
    pub frame_times: Option<PathBuf>,
    /// Files and folders to open: models, records, measurements.
    pub files: Vec<PathBuf>,
    /// What a share code carries, to be shown.
    pub shared: Option<Box<Shared>>,
}

/// Why no window opened.
#[derive(Debug, Error)]
#[error("no window could be opened: {}", .tried.join("; "))]
pub struct RunError {
    /// What was tried, and what came of it.
    tried: Vec<String>,
}

/// Shows the window until it is closed.
///
/// Each renderer that was built in is tried, the leanest first.
///
/// # Errors
/// There is no display, or none of the renderers works on it.
pub fn run(options: &Options) -> Result<(), RunError> {
    language::set_system(Language::of_system());
    language::set(language::system());
    let mut early = Some(Early::begin(options.machine.clone()));
    let notice = files::folder().and_then(|folder| storage::rescue(&folder));
    let renderers = [
        #[cfg(feature = "glow")]
        Renderer::Glow,
        #[cfg(feature = "wgpu")]
        Renderer::Wgpu,
    ];
    let mut tried = Vec::new();
    for renderer in renderers {
        let start = Start {
            early: early.take().unwrap_or_else(|| Early::begin(options.machine.clone())),
            notice: notice.clone(),
            files: options.files.clone(),
            shared: options.shared.clone(),
            frames: options.frame_times.clone().map(|path| FrameTimes::new(options.started, path)),
        };
        let creator: eframe::AppCreator<'_> = Box::new(|cc| Ok(Box::new(PlimsollApp::new(cc, start))));
        match eframe::run_native(APP_ID, native_options(renderer, options), creator) {
            Ok(()) => return Ok(()),
            Err(error) => {
                // Without a display the others have nothing to draw on either.
                let is_display = matches!(error, eframe::Error::WinitEventLoop(_));
                tried.push(format!("{renderer}: {error}"));
                if is_display {
                    break;
                }
            }
        }
    }
    // What is printed instead is English.
    language::set(Language::English);
    Err(RunError { tried })
}

fn native_options(renderer: Renderer, options: &Options) -> NativeOptions {
    #[cfg_attr(not(feature = "glow"), expect(unused_mut, reason = "only glow's options are changed"))]
    let mut native = NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title("Plimsoll")
            .with_app_id(APP_ID)
            .with_icon(icon())
            .with_inner_size([1440.0, 900.0])
            .with_min_inner_size([960.0, 600.0]),
        renderer,
        // Nothing here has long gradients, and it is most of what a pixel costs where the processor draws.
        dithering: false,
        ..NativeOptions::default()
    };
    #[cfg(feature = "glow")]
    {
        native.glow_options.vsync = options.frame_times.is_none();
    }
    native
}

/// The mark at 64 × 64: a ring crossed by one line, its lower half filled as a hull in the water.
fn icon() -> IconData {
    const SIDE: u32 = 64;
    /// Of the drawing for large sizes, on a side of 128.
    const RADIUS: f32 = 45.0;
    const STROKE: f32 = 9.0;
    const ACCENT: [u8; 3] = [0x6C, 0xB0, 0xFF];
    let mut rgba = Vec::with_capacity((SIDE * SIDE * 4) as usize);
    for y in 0..SIDE {
        for x in 0..SIDE {
            // Coverage of a pixel's middle, softened over one pixel.
            let at = |v: u32| (v as f32 + 0.5) * 128.0 / SIDE as f32 - 64.0;
            let (x, y) = (at(x), at(y));
            let soft = |distance: f32| (0.5 - distance / 2.0).clamp(0.0, 1.0);
            let from_center = x.hypot(y);
            let ring = soft((from_center - RADIUS).abs() - STROKE / 2.0);
            let bar = soft(y.abs() - STROKE / 2.0) * soft(x.abs() - 62.0);
            let hull = 0.34 * soft(from_center - RADIUS) * soft(-y);
            let alpha = ring.max(bar).max(hull);
            rgba.extend(ACCENT);
            rgba.push((alpha * 255.0).round() as u8);
        }
    }
    IconData { rgba, width: SIDE, height: SIDE }
}

/// How long frames took, for measuring the program; written when the window closes.
#[derive(Debug)]
pub(super) struct FrameTimes {
    program: Instant,
    path: PathBuf,
    first_ms: Option<f64>,
    complete_ms: Option<f64>,
    last: Option<Last>,
    frames: Vec<[f64; 3]>,
}

/// The frame that was drawn last.
#[derive(Clone, Copy, Debug)]
struct Last {
    start: Instant,
    /// What drawing its page took.
    page_ms: f64,
    /// It has all figures.
    is_complete: bool,
}

impl FrameTimes {
    /// Longest record: an hour of frames.
    const MAX: usize = 60 * 60 * 60;

    fn new(program: Instant, path: PathBuf) -> Self {
        Self { program, path, first_ms: None, complete_ms: None, last: None, frames: Vec::new() }
    }

    /// A frame starts; `seconds` is what the last one took of this thread's time.
    pub(super) fn begin(&mut self, seconds: Option<f32>) {
        let start = Instant::now();
        let since = |earlier: Instant| (start - earlier).as_secs_f64() * 1e3;
        if let Some(last) = self.last.replace(Last { start, page_ms: 0.0, is_complete: false }) {
            self.first_ms.get_or_insert(since(self.program));
            if last.is_complete {
                self.complete_ms.get_or_insert(since(self.program));
            }
            if self.complete_ms.is_some() && self.frames.len() < Self::MAX {
                let own = f64::from(seconds.unwrap_or_default()) * 1e3;
                self.frames.push([since(last.start), own, last.page_ms]);
            }
        }
    }

    /// The page of this frame is drawn; `is_complete`: with all figures.
    pub(super) fn page_drawn(&mut self, is_complete: bool) {
        if let Some(last) = &mut self.last {
            last.page_ms = last.start.elapsed().as_secs_f64() * 1e3;
            last.is_complete = is_complete;
        }
    }
}

impl Drop for FrameTimes {
    fn drop(&mut self) {
        let Some(first) = self.first_ms else { return };
        let complete = self.complete_ms.map_or(String::new(), |complete| format!(" {complete:.3}"));
        let mut text = format!("{first:.3}{complete}\n");
        for [whole, own, page] in &self.frames {
            let _ = writeln!(text, "{whole:.3} {own:.3} {page:.3}");
        }
        if let Err(error) = fs::write(&self.path, text) {
            eprintln!("plimsoll: the frame times could not be written to {}: {error}", self.path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text forms, which know no eframe, read what the window keeps.
    #[test]
    fn the_window_keeps_its_settings_where_the_rest_is_kept() {
        assert_eq!(eframe::storage_dir(APP_ID), files::folder());
    }

    #[test]
    fn the_icon_is_a_ring_with_a_line() {
        let icon = icon();
        let alpha = |x: u32, y: u32| icon.rgba[((y * icon.width + x) * 4 + 3) as usize];
        assert_eq!(icon.rgba.len(), 64 * 64 * 4);
        assert_eq!(alpha(0, 0), 0, "corners are clear");
        assert_eq!(alpha(32, 20), 0, "air above the line");
        assert_eq!(alpha(32, 32), 255, "the line");
        assert!((80..95).contains(&alpha(32, 44)), "water below it");
        assert_eq!(alpha(2, 32), 255, "the line stands out");
    }

    #[test]
    fn frame_times_are_written_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frames.txt");
        let mut times = FrameTimes::new(Instant::now(), path.clone());
        for is_complete in [false, true, true] {
            times.begin(Some(0.012_5));
            times.page_drawn(is_complete);
        }
        times.begin(Some(0.012_5));
        drop(times);
        let text = fs::read_to_string(path).unwrap();
        let fields: Vec<Vec<f64>> =
            text.lines().map(|line| line.split(' ').map(|field| field.parse().unwrap()).collect()).collect();
        // The frame before figures is none of those that are listed.
        assert_eq!(fields.iter().map(Vec::len).collect::<Vec<_>>(), [2, 3, 3], "{text}");
        assert!(fields[0][0] <= fields[0][1] && fields[1][1] == 12.5, "{text}");
    }
}
