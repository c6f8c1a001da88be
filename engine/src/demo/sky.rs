//! The sky, and what closes the street at its far end.

use super::geometry::Rgb;
use super::layout::{END, Lot};
use super::light::Facing;
use super::rng::{clouds, hash, noise, smooth};
use super::{Painter, class, tree};

impl Painter<'_> {
    /// Paints everything above the horizon.
    pub(super) fn paint_sky(&mut self) {
        let light = self.light;
        let texture = self.layout.texture;
        let [middle, horizon] = self.layout.camera.centre;
        let focal = self.layout.camera.focal;
        let sun = [
            middle + light.sun_side * focal * 0.5,
            horizon - focal * 0.42,
        ];
        self.raster.every_pixel(|pixel| {
            let up = ((horizon - pixel[1]) / focal).max(0.0);
            let blue = light.horizon.mix(light.zenith, smooth(up * 1.7));
            // Clouds lie on a plane overhead and shrink towards the horizon.
            let (x, y) = ((pixel[0] - middle) / focal, 1.0 / (up + 0.12));
            let cloud = clouds(texture ^ 0xC10D, x * y * 1.1 + 9.0, y * 1.5);
            let cover = smooth((cloud - 0.72 + light.cloudiness * 0.4) * 5.0);
            let white = light.horizon.times(0.85 + 0.4 * cloud);
            let (dx, dy) = ((pixel[0] - sun[0]) / focal, (pixel[1] - sun[1]) / focal);
            let glare = light.sun.times(0.10 / (0.06 + dx * dx + dy * dy));
            let sky = blue.mix(white, cover * 0.85 * smooth(up * 9.0));
            Some((sky.plus(glare.times(0.35)), class::SKY))
        });
    }

    /// Paints a row of houses or trees across the end of the street.
    pub(super) fn paint_far_end(&mut self) {
        let light = self.light;
        let camera = &self.layout.camera;
        let texture = self.layout.texture;
        let columns = 9;
        for column in 0..columns {
            let unit = hash(texture ^ 0xE4D, column, 0);
            let height = 6.0 + 8.0 * unit;
            let left = (column as f32 / columns as f32 - 0.5) * 70.0;
            let right = left + 9.0;
            if self.layout.ends_green {
                let centre = camera.project([left + 4.0, height * 0.5, END]);
                let radius = [camera.scale(END) * 7.0, camera.scale(END) * height * 0.6];
                let outline = tree::ragged(centre, radius, texture.wrapping_add(column as u32));
                self.raster.fill(&outline, class::VEGETATION, |pixel| {
                    let leaf = 0.7 + 0.6 * noise(texture, pixel[0] * 0.3, pixel[1] * 0.3);
                    let green = Rgb::display(88, 112, 64).times(leaf);
                    light.shade(green, Facing::Camera, [left, 5.0, END], 1.0)
                });
            } else {
                let outline = camera.outline([
                    [left, 0.0, END],
                    [right, 0.0, END],
                    [right, height + 4.0, END],
                    [left, height + 4.0, END],
                ]);
                let wall = Rgb::display(176, 162, 148).times(0.7 + 0.5 * unit);
                self.raster.fill(&outline, class::BUILDING, |_| {
                    light.shade(wall, Facing::Camera, [left, 5.0, END], 1.0)
                });
            }
        }
    }

    /// Paints houses and gardens, far ones first.
    pub(super) fn paint_lots(&mut self) {
        let layout = self.layout;
        for lot in &layout.lots {
            match lot {
                Lot::House(house) => house.paint(self),
                Lot::Garden(side, start, end, seed) => {
                    tree::garden(self, side * layout.front, [*start, *end], *seed);
                }
            }
        }
    }
}
