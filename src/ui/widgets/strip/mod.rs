//! Where layers go: a column a layer, device rules above it, rows for attention, feed-forward and cache.

mod drawing;

use eframe::egui::accesskit::Role;
use eframe::egui::{EventFilter, Id, Key, Modifiers, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2};

use super::paint;
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, radius, space};

/// Layers of a model and where they are, for the body of a [`card`](super::card).
#[derive(Clone, Copy, Debug)]
pub struct LayerStrip<'a> {
    /// Runs of layers on one device.
    pub rules: &'a [StripRule<'a>],
    /// Layers, first to last.
    pub columns: &'a [StripColumn<'a>],
    /// Name of the second row: "Experts".
    pub feed_forward: &'a str,
    /// What the low marks of the first row are, for the legend: "linear attention".
    pub light: &'a str,
    /// All of it in words: "layers 0 to 39 on RTX 3090".
    pub spoken: &'a str,
}

/// A run of layers on one device.
#[derive(Clone, Copy, Debug)]
pub struct StripRule<'a> {
    /// Name of the device.
    pub name: &'a str,
    /// The same where there is little room.
    pub short: &'a str,
    /// First layer.
    pub first: usize,
    /// Last layer.
    pub last: usize,
}

/// One layer.
#[derive(Clone, Copy, Debug)]
pub struct StripColumn<'a> {
    /// Where its attention and its cache are.
    pub store: StripStore,
    /// Height of its first mark; `None`: none.
    pub attention: Option<StripWeight>,
    /// Where its feed-forward part is; `None`: it has none.
    pub feed_forward: Option<StripStore>,
    /// What it keeps.
    pub kept: StripKept,
    /// On hover, and what is spoken of it alone.
    pub words: &'a str,
}

/// Kind of memory: solid, striped, dotted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StripStore {
    /// On a GPU.
    Gpu,
    /// In main memory.
    Ram,
    /// Read from disk.
    Disk,
}

/// How much a layer looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StripWeight {
    /// All of the context: a high mark.
    Full,
    /// A window, or a state: a low, paler one.
    Light,
}

/// What a layer keeps of what it has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StripKept {
    /// A cache that grows.
    Cache,
    /// A cache of a window.
    Window,
    /// A fixed state.
    State,
    /// Nothing.
    Nothing,
}

/// Narrowest column with its gap.
const PITCH_MIN: f32 = 4.0;
/// Widest.
const PITCH_MAX: f32 = 16.0;
/// From the names of the rows to the columns.
const NAME_GAP: f32 = 10.0;
/// Between two blocks of columns.
const BLOCK_GAP: f32 = 10.0;
/// From the top of a block to each of its parts, and its height.
const ATTENTION: f32 = 21.0;
const FEED_FORWARD: f32 = ATTENTION + 14.0 + 4.0;
const CACHE: f32 = FEED_FORWARD + 26.0 + 4.0;
const NUMBERS: f32 = CACHE + 10.0 + 3.0;
const BLOCK: f32 = NUMBERS + 15.0;
/// A line of the legend.
const LEGEND_LINE: f32 = 16.0;

/// Where columns stand.
#[derive(Clone, Copy, Debug)]
struct Grid {
    /// Left edge of the columns.
    left: f32,
    /// Width of the rows' names before them.
    names: f32,
    /// Top of the first block.
    top: f32,
    pitch: f32,
    per_block: usize,
    count: usize,
}

impl Grid {
    fn blocks(&self) -> usize {
        self.count.div_ceil(self.per_block.max(1))
    }

    fn block_top(&self, block: usize) -> f32 {
        self.top + block as f32 * (BLOCK + BLOCK_GAP)
    }

    fn height(&self) -> f32 {
        let blocks = self.blocks() as f32;
        blocks * BLOCK + (blocks - 1.0).max(0.0) * BLOCK_GAP
    }

    /// Layers of a block, first and one past the last.
    fn layers(&self, block: usize) -> (usize, usize) {
        (block * self.per_block, ((block + 1) * self.per_block).min(self.count))
    }

    fn x(&self, place_in_block: usize) -> f32 {
        self.left + place_in_block as f32 * self.pitch
    }

    /// The whole column of a layer, with its gap.
    fn column(&self, layer: usize) -> Rect {
        let (block, place) = (layer / self.per_block, layer % self.per_block);
        let top = self.block_top(block);
        Rect::from_min_max(
            pos2(self.x(place), top + ATTENTION - 3.0),
            pos2(self.x(place + 1), top + NUMBERS - 1.0),
        )
    }

    fn layer_at(&self, at: eframe::egui::Pos2) -> Option<usize> {
        let block = (0..self.blocks()).find(|block| {
            let top = self.block_top(*block);
            (top..top + BLOCK).contains(&at.y)
        })?;
        let place = ((at.x - self.left) / self.pitch).floor();
        let (first, end) = self.layers(block);
        (place >= 0.0).then_some(first + place as usize).filter(|layer| *layer < end)
    }
}

impl LayerStrip<'_> {
    /// Draws the strip. One focus stop: arrow keys walk through the layers, each of which says what it is,
    /// as hovering does.
    pub fn show(&self, ui: &mut Ui) -> Response {
        let width = ui.available_width();
        let names = self.names_width(ui);
        let (pitch, per_block) = fit(width - names, self.columns.len());
        let legend = self.legend(ui, width);
        let grid = Grid {
            left: names,
            names,
            top: 0.0,
            pitch,
            per_block: per_block.max(1),
            count: self.columns.len(),
        };
        let legend_height = legend.last().map_or(0.0, |entry| entry.y + LEGEND_LINE);
        let wanted = vec2(width, grid.height() + space::XS + legend_height);
        let (rect, response) = ui.allocate_exact_size(wanted, Sense::focusable_noninteractive());
        let rect = paint::snap(ui, rect);
        let grid = Grid { left: rect.left() + names, top: rect.top(), ..grid };

        let walked = self.walked(ui, &response);
        let hovered = ui
            .input(|input| input.pointer.hover_pos())
            .filter(|_| ui.rect_contains_pointer(rect))
            .and_then(|at| grid.layer_at(at));
        if ui.is_rect_visible(rect) {
            for layer in [hovered, walked].into_iter().flatten() {
                let t = Tokens::of(ui);
                ui.painter().rect_filled(
                    paint::snap(ui, grid.column(layer)).expand2(vec2(0.5, 0.0)),
                    radius::BAR,
                    t.line,
                );
            }
            self.paint(ui, &grid);
            let at = pos2(rect.left(), rect.top() + grid.height() + space::XS);
            Self::paint_legend(ui, at, &legend);
            paint::focus_ring(ui, &response, rect.expand(4.0), radius::CONTROL);
        }
        for layer in hovered.into_iter().chain(walked) {
            // A widget of its own for each column: the delay begins anew on the next one.
            let id = response.id.with(("layer", layer));
            let column = ui.interact(grid.column(layer), id, Sense::hover());
            if walked == Some(layer) {
                column.show_tooltip_text(self.columns[layer].words);
            } else {
                column.on_hover_text(self.columns[layer].words);
            }
        }
        let said = match walked {
            Some(layer) => self.columns[layer].words.replace('\n', ", "),
            None => tr!("Where it goes: {spoken}", spoken = self.spoken),
        };
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsDocument, true, &said));
        response
    }

    /// The layer that the keyboard has walked to, while the strip has the focus.
    fn walked(&self, ui: &Ui, response: &Response) -> Option<usize> {
        let id = Id::unique("walked layer").with(response.id);
        let last = self.columns.len().checked_sub(1)?;
        if !response.has_focus() {
            ui.data_mut(|data| data.remove::<usize>(id));
            return None;
        }
        let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let known = ui.data(|data| data.get_temp::<usize>(id));
        let walked = ui.input_mut(|input| {
            let mut pressed = |key| input.consume_key(Modifiers::NONE, key);
            match () {
                () if pressed(Key::ArrowRight) => Some(known.map_or(0, |layer| (layer + 1).min(last))),
                () if pressed(Key::ArrowLeft) => Some(known.map_or(last, |layer| layer.saturating_sub(1))),
                () if pressed(Key::Home) => Some(0),
                () if pressed(Key::End) => Some(last),
                () => known,
            }
        })?;
        ui.data_mut(|data| data.insert_temp(id, walked.min(last)));
        Some(walked.min(last))
    }

    fn names_width(&self, ui: &Ui) -> f32 {
        let t = Tokens::of(ui);
        let width = |name: &str| paint::galley(ui.painter(), name, Text::Cell, t.text_2).size().x;
        self.row_names().into_iter().map(width).fold(0.0, f32::max).ceil() + NAME_GAP
    }

    fn row_names(&self) -> [&str; 3] {
        [tr!("Attention"), self.feed_forward, tr!("Cache")]
    }
}

/// Pitch of `count` columns in `room`, and how many of them stand in one block: all while a column gets four
/// points, else half of them.
fn fit(room: f32, count: usize) -> (f32, usize) {
    let count_f = count.max(1) as f32;
    let one_block = room / count_f;
    if one_block >= PITCH_MIN {
        return (one_block.min(PITCH_MAX), count);
    }
    let mut blocks = 2;
    while room / (count_f / blocks as f32).ceil() < PITCH_MIN && blocks < count {
        blocks += 1;
    }
    let per_block = count.div_ceil(blocks);
    ((room / per_block as f32).min(PITCH_MAX), per_block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_layers_stand_in_two_blocks() {
        assert_eq!(fit(480.0, 48), (10.0, 48));
        assert_eq!(fit(480.0, 16), (16.0, 16));
        assert_eq!(fit(300.0, 94), (300.0 / 47.0, 47));
        assert_eq!(fit(300.0, 64), (300.0 / 64.0, 64));
        assert_eq!(fit(300.0, 0).1, 0);
    }

    #[test]
    fn a_layer_is_found_under_the_pointer() {
        let grid = Grid { left: 70.0, names: 70.0, top: 10.0, pitch: 5.0, per_block: 47, count: 94 };
        assert_eq!(grid.blocks(), 2);
        assert_eq!(grid.layer_at(pos2(71.0, 40.0)), Some(0));
        assert_eq!(grid.layer_at(pos2(70.0 + 46.5 * 5.0, 40.0)), Some(46));
        assert_eq!(grid.layer_at(pos2(70.0 + 47.5 * 5.0, 40.0)), None);
        assert_eq!(grid.layer_at(pos2(71.0, grid.block_top(1) + 30.0)), Some(47));
        assert_eq!(grid.layer_at(pos2(60.0, 40.0)), None);
        assert_eq!(grid.layer_at(grid.column(60).center()), Some(60));
    }
}
