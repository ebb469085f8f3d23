//! A CPU renderer for picture tests: no GPU, no driver, no `wgpu` in the build, the same pixels everywhere.
//!
//! Draws egui's triangles one by one: interpolate, sample, blend in gamma space, as egui's own renderers do.

use std::collections::BTreeMap;

use eframe::egui::{self, Color32, Pos2, TextureId, epaint};
use image::{Rgba, RgbaImage};

struct Texture {
    size: [usize; 2],
    pixels: Vec<Color32>,
}

/// Give it to a harness with `HarnessBuilder::renderer`.
#[derive(Default)]
pub struct SoftRenderer {
    textures: BTreeMap<TextureId, Texture>,
}

impl egui_kittest::TestRenderer for SoftRenderer {
    #[expect(
        clippy::iter_over_hash_type,
        reason = "each texture changes on its own: the order shows nowhere"
    )]
    fn handle_delta(&mut self, delta: &mut egui::TexturesDelta) {
        for (id, patches) in std::mem::take(&mut delta.set) {
            for patch in patches {
                let epaint::ImageData::Color(image) = &patch.image;
                match patch.pos {
                    None => {
                        let texture = Texture { size: image.size, pixels: image.pixels.clone() };
                        self.textures.insert(id, texture);
                    }
                    Some([left, top]) => {
                        let texture = self.textures.get_mut(&id).expect("a patch comes after its texture");
                        for y in 0..image.size[1] {
                            let from = &image.pixels[y * image.size[0]..][..image.size[0]];
                            let row = (top + y) * texture.size[0] + left;
                            texture.pixels[row..][..image.size[0]].copy_from_slice(from);
                        }
                    }
                }
            }
        }
        for id in std::mem::take(&mut delta.free) {
            self.textures.remove(&id);
        }
    }

    fn render(&mut self, ctx: &egui::Context, output: &egui::FullOutput) -> Result<RgbaImage, String> {
        let scale = ctx.pixels_per_point();
        let size = ctx.viewport_rect().size() * scale;
        let (width, height) = (size.x.round() as u32, size.y.round() as u32);
        // As eframe clears the window to what the program says of it.
        let clear = ctx.global_style().visuals.panel_fill.to_array().map(f32::from);
        let mut target = Target { width: width as usize, pixels: vec![clear; (width * height) as usize] };
        for primitive in ctx.tessellate(output.shapes.clone(), scale) {
            let epaint::Primitive::Mesh(mesh) = &primitive.primitive else { continue };
            let Some(texture) = self.textures.get(&mesh.texture_id) else { continue };
            let clip = primitive.clip_rect * scale;
            let clip = Clip {
                left: clip.min.x.round().clamp(0.0, size.x) as i32,
                top: clip.min.y.round().clamp(0.0, size.y) as i32,
                right: clip.max.x.round().clamp(0.0, size.x) as i32,
                bottom: clip.max.y.round().clamp(0.0, size.y) as i32,
            };
            for corners in mesh.indices.chunks_exact(3) {
                let corners = [0, 1, 2].map(|i| &mesh.vertices[corners[i] as usize]);
                target.triangle(clip, corners, scale, texture);
            }
        }
        let mut image = RgbaImage::new(width, height);
        for (pixel, color) in image.pixels_mut().zip(&target.pixels) {
            *pixel = Rgba(color.map(|channel| channel.round().clamp(0.0, 255.0) as u8));
        }
        Ok(image)
    }
}

/// Whole pixels that may be painted.
#[derive(Clone, Copy)]
struct Clip {
    left: i32,
    top: i32,
    right: i32,
    bottom: i32,
}

/// Premultiplied colours, 0 to 255.
struct Target {
    width: usize,
    pixels: Vec<[f32; 4]>,
}

impl Target {
    fn triangle(&mut self, clip: Clip, corners: [&epaint::Vertex; 3], scale: f32, texture: &Texture) {
        let at = corners.map(|corner| corner.pos * scale);
        let edge = |a: Pos2, b: Pos2, c: Pos2| (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
        let area = edge(at[0], at[1], at[2]);
        if area == 0.0 {
            return;
        }
        // Top-left fill rule: a pixel on a shared edge belongs to exactly one triangle.
        let sign = area.signum();
        let owns = |a: Pos2, b: Pos2| {
            let along = (b - a) * sign;
            along.y < 0.0 || (along.y == 0.0 && along.x > 0.0)
        };
        let keep = [owns(at[1], at[2]), owns(at[2], at[0]), owns(at[0], at[1])];
        let least = |f: fn(&Pos2) -> f32| at.iter().map(f).fold(f32::INFINITY, f32::min).floor() as i32;
        let most = |f: fn(&Pos2) -> f32| at.iter().map(f).fold(f32::NEG_INFINITY, f32::max).ceil() as i32;
        let colors = corners.map(|corner| corner.color.to_array().map(f32::from));
        for y in least(|p| p.y).max(clip.top)..most(|p| p.y).min(clip.bottom) {
            for x in least(|p| p.x).max(clip.left)..most(|p| p.x).min(clip.right) {
                let middle = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
                let weight =
                    [edge(at[1], at[2], middle), edge(at[2], at[0], middle), edge(at[0], at[1], middle)]
                        .map(|w| w / area);
                if (0..3).any(|i| weight[i] < 0.0 || (weight[i] == 0.0 && !keep[i])) {
                    continue;
                }
                let mix =
                    |values: [f32; 3]| weight[0] * values[0] + weight[1] * values[1] + weight[2] * values[2];
                let u = mix(corners.map(|corner| corner.uv.x));
                let v = mix(corners.map(|corner| corner.uv.y));
                let texel = texture.sample(u, v);
                let source: [f32; 4] =
                    std::array::from_fn(|c| mix(colors.map(|color| color[c])) * texel[c] / 255.0);
                let under = &mut self.pixels[y as usize * self.width + x as usize];
                for c in 0..4 {
                    under[c] = source[c] + under[c] * (1.0 - source[3] / 255.0);
                }
            }
        }
    }
}

impl Texture {
    /// Bilinear, clamped at the edges.
    fn sample(&self, u: f32, v: f32) -> [f32; 4] {
        let [width, height] = self.size;
        let (left, right, over) = neighbours(u, width);
        let (top, bottom, down) = neighbours(v, height);
        let at = |x: usize, y: usize| self.pixels[y * width + x].to_array().map(f32::from);
        let corners = [at(left, top), at(right, top), at(left, bottom), at(right, bottom)];
        std::array::from_fn(|channel| {
            let [nw, ne, sw, se] = corners.map(|color| color[channel]);
            let above = nw + (ne - nw) * over;
            let below = sw + (se - sw) * over;
            above + (below - above) * down
        })
    }
}

/// The two texels around a coordinate from 0 to 1, and how far it lies towards the second.
fn neighbours(coordinate: f32, texels: usize) -> (usize, usize, f32) {
    let last = (texels - 1) as f32;
    let at = (coordinate * texels as f32 - 0.5).clamp(0.0, last);
    (at.floor() as usize, at.ceil() as usize, at.fract())
}
