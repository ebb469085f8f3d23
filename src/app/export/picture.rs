//! A picture of the window or of a part of it, and its file.

use crate::language::tr;
use std::fmt;

use std::io;

/// Largest side that is written, pixels.
const LARGEST: usize = 1 << 14;

/// A picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Red, green, blue, opacity of each pixel, rows from the top.
    pub rgba: Vec<u8>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture {}×{}", self.width, self.height)
    }
}

impl Picture {
    /// The bytes of a PNG file. Not for the thread that draws.
    ///
    /// # Errors
    /// The picture has no pixels, too many, or not as many as it says.
    pub fn png(&self) -> io::Result<Vec<u8>> {
        let invalid = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why.to_owned());
        if self.width.max(self.height) > LARGEST || self.rgba.len() != 4 * self.width * self.height {
            return Err(invalid(tr!("the picture has no sensible size")));
        }
        let side = |pixels: usize| u32::try_from(pixels).map_err(io::Error::other);
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side(self.width)?, side(self.height)?);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.rgba)?;
        writer.finish()?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_comes_back_from_its_file() {
        let rgba: Vec<u8> = (0..3 * 2 * 4).map(|byte| byte as u8 | 0x80).collect();
        let picture = Picture { width: 3, height: 2, rgba };
        let read = image::load_from_memory(&picture.png().unwrap()).unwrap().to_rgba8();
        assert_eq!((read.width(), read.height(), read.into_raw()), (3, 2, picture.rgba.clone()));
        assert!(Picture { width: 4, ..picture.clone() }.png().is_err());
        assert!(Picture { width: 0, height: 0, rgba: Vec::new() }.png().is_err());
    }
}
