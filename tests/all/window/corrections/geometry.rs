//! What a person sees at a glance: connected areas, their middles, straight ways through them.

/// A part of the image: which pixels are in it, row after row.
pub struct Area {
    pub size: [u32; 2],
    pub inside: Vec<bool>,
}

impl Area {
    pub fn new(size: [u32; 2], inside: impl Fn(usize) -> bool) -> Self {
        let count = (size[0] * size[1]) as usize;
        Self {
            size,
            inside: (0..count).map(inside).collect(),
        }
    }

    /// Its connected parts, as lists of pixels.
    pub fn components(&self) -> Vec<Vec<usize>> {
        let [width, height] = self.size.map(|side| side as usize);
        let mut left = self.inside.clone();
        let mut components = Vec::new();
        for start in 0..left.len() {
            if !std::mem::take(&mut left[start]) {
                continue;
            }
            let mut component = vec![start];
            let mut at = 0;
            while at < component.len() {
                let (x, y) = (component[at] % width, component[at] / width);
                let next = [
                    (x > 0).then(|| component[at] - 1),
                    (x + 1 < width).then(|| component[at] + 1),
                    (y > 0).then(|| component[at] - width),
                    (y + 1 < height).then(|| component[at] + width),
                ];
                for next in next.into_iter().flatten() {
                    if std::mem::take(&mut left[next]) {
                        component.push(next);
                    }
                }
                at += 1;
            }
            components.push(component);
        }
        components
    }

    /// How far each pixel is from what is not in the area, in pixels (a chamfer distance, which is
    /// off by a few per cent at most); what lies beyond the image counts as in it.
    pub fn depths(&self) -> Vec<f32> {
        const SIDE: f32 = 0.955;
        const CORNER: f32 = 1.3693;
        let [width, height] = self.size.map(|side| side as i64);
        let start = |inside: &bool| if *inside { f32::INFINITY } else { 0.0 };
        let mut depths: Vec<f32> = self.inside.iter().map(start).collect();
        let mut relax = |x: i64, y: i64, steps: &[(i64, i64, f32)]| {
            for (dx, dy, length) in steps {
                let (u, v) = (x + dx, y + dy);
                if (0..width).contains(&u) && (0..height).contains(&v) {
                    let other = depths[(v * width + u) as usize] + length;
                    let here = &mut depths[(y * width + x) as usize];
                    *here = here.min(other);
                }
            }
        };
        for y in 0..height {
            for x in 0..width {
                relax(
                    x,
                    y,
                    &[
                        (-1, 0, SIDE),
                        (0, -1, SIDE),
                        (-1, -1, CORNER),
                        (1, -1, CORNER),
                    ],
                );
            }
        }
        for y in (0..height).rev() {
            for x in (0..width).rev() {
                relax(
                    x,
                    y,
                    &[(1, 0, SIDE), (0, 1, SIDE), (1, 1, CORNER), (-1, 1, CORNER)],
                );
            }
        }
        // A whole image of one class has no border: any pixel is as deep as the image is large.
        let most = width.max(height) as f32;
        depths.into_iter().map(|depth| depth.min(most)).collect()
    }
}

/// The pixel of a component that is deepest in it.
pub fn middle(size: [u32; 2], component: &[usize]) -> [u32; 2] {
    let mut inside = vec![false; (size[0] * size[1]) as usize];
    component.iter().for_each(|pixel| inside[*pixel] = true);
    let depths = Area { size, inside }.depths();
    let deepest = component
        .iter()
        .max_by(|a, b| depths[**a].total_cmp(&depths[**b]));
    let pixel = *deepest.expect("a component has pixels") as u32;
    [pixel % size[0], pixel / size[0]]
}

/// The longest straight ways through a pixel, in sixteen directions, as far as `goes` allows.
pub fn ways(size: [u32; 2], from: [u32; 2], goes: impl Fn([u32; 2]) -> bool) -> Vec<[[u32; 2]; 2]> {
    let end = |angle: f32| {
        let mut last = from;
        for step in 1.. {
            let at = [angle.cos(), angle.sin()];
            let place = [0, 1].map(|axis| from[axis] as f32 + 0.5 + step as f32 * at[axis]);
            let inside = (0..2).all(|axis| (0.0..size[axis] as f32).contains(&place[axis]));
            let pixel = place.map(|place| place as u32);
            if !inside || !goes(pixel) {
                break;
            }
            last = pixel;
        }
        last
    };
    let turn = std::f32::consts::PI / 16.0;
    (0..16)
        .map(|direction| direction as f32 * turn)
        .map(|angle| [end(angle + std::f32::consts::PI), end(angle)])
        .collect()
}

#[test]
fn depths_and_middles_are_as_a_person_sees_them() {
    let size = [40, 30];
    let area = Area::new(size, |pixel| {
        let (x, y) = (pixel % 40, pixel / 40);
        (5..26).contains(&x) && (4..15).contains(&y) || (x, y) == (35, 20)
    });
    let components = area.components();
    let mut sizes: Vec<usize> = components.iter().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 21 * 11]);
    let large = components
        .iter()
        .max_by_key(|component| component.len())
        .unwrap();
    let [x, y] = middle(size, large);
    assert!(y == 9 && (9..21).contains(&x), "{x}, {y}");
    let goes = |[x, y]: [u32; 2]| area.inside[(y * 40 + x) as usize];
    let ways = ways(size, [x, y], goes);
    assert!(ways.contains(&[[5, 9], [25, 9]]), "{ways:?}");
}
