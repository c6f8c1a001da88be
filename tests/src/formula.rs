//! The golden networks' weights and images, made from names alone (golden/FORMULA.md).

/// The values of the variable `name` of TensorFlow shape `shape`, in row-major order.
///
/// `gain` is the variant's `weight_gain`.
pub fn values(name: &str, shape: &[usize], gain: f64) -> Vec<f32> {
    let leaf = name.rsplit('/').next().unwrap_or(name);
    let window = shape.iter().take(2).product::<usize>() as f64;
    let spread = match leaf {
        "weights" | "pointwise_weights" => {
            (3.0 * gain / (window * shape.get(2).copied().unwrap_or(1) as f64)).sqrt()
        }
        "depthwise_weights" => (3.0 * gain / window).sqrt(),
        "moving_variance" => 0.5,
        _ => 0.1,
    };
    let centre = if matches!(leaf, "gamma" | "moving_variance") {
        1.0
    } else {
        0.0
    };
    draw(name, shape, centre, spread)
}

/// The values of the tensor that PyTorch calls `name`, `[out, in / groups, kh, kw]` if it is a
/// kernel; a norm's `weight` is one-dimensional.
pub fn pytorch_values(name: &str, shape: &[usize], gain: f64) -> Vec<f32> {
    let leaf = name.rsplit('.').next().unwrap_or(name);
    let (centre, spread) = match leaf {
        "weight" if shape.len() > 1 => {
            let inputs = shape.iter().skip(1).product::<usize>();
            (0.0, (3.0 * gain / inputs as f64).sqrt())
        }
        "weight" => (1.0, 0.1),
        "running_var" => (1.0, 0.5),
        _ => (0.0, 0.1),
    };
    draw(name, shape, centre, spread)
}

/// Values spread evenly around a centre.
fn draw(name: &str, shape: &[usize], centre: f64, spread: f64) -> Vec<f32> {
    let mut stream = Stream::new(name);
    (0..shape.iter().product())
        .map(|_| (centre + spread * stream.signed()) as f32)
        .collect()
}

/// The RGB image `[height, width, 3]` of that name: noise over cells of 16 x 16 pixels.
pub fn image(height: usize, width: usize, name: &str) -> Vec<u8> {
    let mut noise = Stream::new(&format!("{name}/noise"));
    let mut cell = Stream::new(&format!("{name}/cell"));
    let cells_wide = width.div_ceil(16);
    let cells: Vec<u64> = (0..height.div_ceil(16) * cells_wide * 3)
        .map(|_| cell.bits() >> 56)
        .collect();
    let mut image = Vec::with_capacity(height * width * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let cell = cells[(y / 16 * cells_wide + x / 16) * 3 + channel];
                let value = (3 * cell + 4 * (noise.bits() >> 58)) / 4;
                image.push(value as u8);
            }
        }
    }
    image
}

/// The numbers that belong to a name.
struct Stream(u64);

impl Stream {
    fn new(name: &str) -> Self {
        Self(name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// In [-1, 1), a multiple of 2^-23.
    fn signed(&mut self) -> f64 {
        (self.bits() >> 40) as f64 / 8_388_608.0 - 1.0
    }
}
