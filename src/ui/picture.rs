//! Pictures of the window or of a part of it: asked of the window system, cut out, handed on.

use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::{Color32, ColorImage, Context, Id, Rect, Ui};

use super::dialogs::Dialogs;
use crate::app::export::{Order, Picture};
use crate::language::tr;

/// Pictures that have come, and what their files are called.
type Queue = Arc<Mutex<Vec<(Picture, &'static str)>>>;

fn queue(ctx: &Context) -> Queue {
    ctx.data_mut(|data| Arc::clone(data.get_temp_mut_or_default::<Queue>(Id::unique("pictures"))))
}

/// Asks for a picture of this frame; of the whole window without a `rect`.
pub(super) fn request(ctx: &Context, rect: Option<Rect>, name: &'static str) {
    let (queue, scale, wake) = (queue(ctx), ctx.pixels_per_point(), ctx.clone());
    ctx.request_screenshot(move |image| {
        let picture = match rect {
            Some(rect) => of_image(&cut(&image, rect, scale)),
            None => of_image(&image),
        };
        // A list is whole after every statement, whatever happened elsewhere.
        queue.lock().unwrap_or_else(PoisonError::into_inner).push((picture, name));
        wake.request_repaint();
    });
}

/// The part of an image; what lies outside of it is left out.
fn cut(image: &ColorImage, rect: Rect, scale: f32) -> ColorImage {
    let pixel = |points: f32, most: usize| ((points * scale).round().max(0.0) as usize).min(most);
    let [width, height] = image.size;
    let (left, top) = (pixel(rect.left(), width), pixel(rect.top(), height));
    let (right, bottom) = (pixel(rect.right(), width).max(left), pixel(rect.bottom(), height).max(top));
    image.region_by_pixels([left, top], [right - left, bottom - top])
}

fn of_image(image: &ColorImage) -> Picture {
    let [width, height] = image.size;
    let rgba = image.pixels.iter().flat_map(Color32::to_srgba_unmultiplied).collect();
    Picture { width, height, rgba }
}

/// Asks where each picture that has come is to be saved.
pub(super) fn take(ui: &Ui, dialogs: &Dialogs) {
    let come = std::mem::take(&mut *queue(ui.ctx()).lock().unwrap_or_else(PoisonError::into_inner));
    for (picture, name) in come {
        dialogs.save(ui.ctx(), tr!("Save the picture"), Order::Picture(Arc::new(picture), name.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::pos2;

    use super::*;

    #[test]
    fn a_part_is_cut_out_and_no_more_than_there_is() {
        let image = ColorImage::new([8, 6], vec![Color32::default(); 8 * 6]);
        let size = |left: f32, top: f32, right: f32, bottom: f32, scale: f32| {
            cut(&image, Rect::from_min_max(pos2(left, top), pos2(right, bottom)), scale).size
        };
        assert_eq!(size(1.0, 1.0, 3.0, 2.0, 2.0), [4, 2]);
        assert_eq!(size(-5.0, 0.0, 100.0, 100.0, 1.0), [8, 6]);
        assert_eq!(size(9.0, 9.0, 12.0, 12.0, 1.0), [0, 0]);
        assert_eq!(of_image(&image).rgba.len(), 8 * 6 * 4);
    }
}
