// One quad a tile: the image with the label map over it.
//
// Colours are in gamma space, as egui blends them. Texel coordinates count the tile's border.

const HIDDEN: u32 = 1u;
const LOCKED: u32 = 2u;

const SHOW_LABELS: u32 = 1u;
const OUTLINE: u32 = 2u;
const UNCERTAINTY: u32 = 4u;
const LINEAR_TARGET: u32 = 8u;

/// Half the width of an outline, in physical pixels: each side of an edge paints its own half.
const LINE: f32 = 1.5;

/// The fill of a hovered class is moved this far from its opacity towards opaque.
const HOVER_LIFT: f32 = 0.35;

/// Stripes over locked classes: their period in physical pixels, and how much they take away.
const STRIPE: f32 = 8.0;
const STRIPE_FADE: f32 = 0.3;

struct Globals {
    /// The widget's size in physical pixels.
    viewport: vec2<f32>,
    opacity: f32,
    flags: u32,
    /// Straight alpha; uncertainty goes from the first to the second.
    heat_low: vec4<f32>,
    heat_high: vec4<f32>,
    /// The class under the pointer of the class list; 256 is none.
    hovered: u32,
    padding_0: u32,
    padding_1: u32,
    padding_2: u32,
    /// Entry of class c: red, green, blue, flags from the lowest byte up.
    palette: array<vec4<u32>, 64>,
};

@group(0) @binding(0) var<uniform> globals: Globals;

@group(1) @binding(0) var image: texture_2d<f32>;
@group(1) @binding(1) var labels: texture_2d<u32>;
@group(1) @binding(2) var confidence: texture_2d<f32>;
@group(1) @binding(3) var smooth_sampler: sampler;

struct Tile {
    /// Left, top, right, bottom in physical pixels from the widget's corner.
    @location(0) rect: vec4<f32>,
    /// The same edges in texels.
    @location(1) texels: vec4<f32>,
};

struct Fragment {
    @builtin(position) position: vec4<f32>,
    @location(0) texel: vec2<f32>,
    /// Physical pixels per texel.
    @location(1) @interpolate(flat) step: f32,
};

@vertex
fn vertex(@builtin(vertex_index) index: u32, tile: Tile) -> Fragment {
    let corner = vec2<f32>(f32(index & 1u), f32(index >> 1u));
    let at = mix(tile.rect.xy, tile.rect.zw, corner);
    var out: Fragment;
    out.position = vec4<f32>(
        2.0 * at.x / globals.viewport.x - 1.0,
        1.0 - 2.0 * at.y / globals.viewport.y,
        0.0,
        1.0,
    );
    out.texel = mix(tile.texels.xy, tile.texels.zw, corner);
    out.step = (tile.rect.z - tile.rect.x) / (tile.texels.z - tile.texels.x);
    return out;
}

/// Bilinear when texels are smaller than pixels; when they are larger, flat squares whose edges
/// are one physical pixel soft.
fn sharp(texture: texture_2d<f32>, texel: vec2<f32>, step: f32) -> vec4<f32> {
    let base = floor(texel - 0.5);
    let slope = clamp((texel - 0.5 - base - 0.5) * max(step, 1.0) + 0.5, vec2(0.0), vec2(1.0));
    let at = (base + 0.5 + slope) / vec2<f32>(textureDimensions(texture));
    return textureSampleLevel(texture, smooth_sampler, at, 0.0);
}

fn class_at(texel: vec2<i32>) -> u32 {
    let last = vec2<i32>(textureDimensions(labels)) - 1;
    return textureLoad(labels, clamp(texel, vec2<i32>(0), last), 0).r;
}

/// How far, in texels, the nearest other class is; more than 2 if none of the neighbours is one.
fn edge_distance(texel: vec2<f32>, own: u32) -> f32 {
    let base = floor(texel);
    let inside = texel - base;
    var nearest = 9.0;
    for (var y = -1; y <= 1; y += 1) {
        for (var x = -1; x <= 1; x += 1) {
            let offset = vec2<i32>(x, y);
            if class_at(vec2<i32>(base) + offset) != own {
                let low = vec2<f32>(offset);
                let gap = max(max(low - inside, inside - low - 1.0), vec2(0.0));
                nearest = min(nearest, length(gap));
            }
        }
    }
    return nearest;
}

/// The class colour over one point, premultiplied.
fn overlay(texel: vec2<f32>, step: f32, pixel: vec2<f32>) -> vec4<f32> {
    let own = class_at(vec2<i32>(floor(texel)));
    let entry = globals.palette[own >> 2u][own & 3u];
    let color = unpack4x8unorm(entry).rgb;
    let class_flags = entry >> 24u;
    if (class_flags & HIDDEN) != 0u {
        return vec4(0.0);
    }
    let hovered = own == globals.hovered;
    let outlined = (globals.flags & OUTLINE) != 0u || hovered;
    var alpha = globals.opacity;
    if (globals.flags & (OUTLINE | UNCERTAINTY)) != 0u {
        alpha = 0.0;
    }
    if hovered {
        alpha = mix(alpha, 1.0, HOVER_LIFT);
    }
    if (class_flags & LOCKED) != 0u && fract((pixel.x + pixel.y) / STRIPE) < 0.5 {
        alpha *= 1.0 - STRIPE_FADE;
    }
    if outlined {
        let line = clamp(LINE + 0.5 - edge_distance(texel, own) * step, 0.0, 1.0);
        alpha = max(alpha, line);
    }
    return vec4(color * alpha, alpha);
}

/// Where texels are smaller than pixels, the mean of four points: small classes do not flicker.
fn smooth_overlay(texel: vec2<f32>, step: f32, pixel: vec2<f32>) -> vec4<f32> {
    if step >= 1.0 {
        return overlay(texel, step, pixel);
    }
    let d = 0.25 / step;
    return 0.25 * (overlay(texel + vec2(-d, -d), step, pixel)
        + overlay(texel + vec2(d, -d), step, pixel)
        + overlay(texel + vec2(-d, d), step, pixel)
        + overlay(texel + vec2(d, d), step, pixel));
}

/// The colour of uncertainty, straight alpha: fully hot where the model is half sure or less.
fn heat(texel: vec2<f32>, step: f32) -> vec4<f32> {
    let unsure = 1.0 - sharp(confidence, texel, step).r;
    return mix(globals.heat_low, globals.heat_high, min(2.0 * unsure, 1.0));
}

fn linear_from_gamma(color: vec3<f32>) -> vec3<f32> {
    let low = color / 12.92;
    let high = pow((color + 0.055) / 1.055, vec3(2.4));
    return select(high, low, color < vec3(0.04045));
}

@fragment
fn fragment(in: Fragment) -> @location(0) vec4<f32> {
    var color = sharp(image, in.texel, in.step).rgb;
    if (globals.flags & UNCERTAINTY) != 0u {
        let hot = heat(in.texel, in.step);
        color = mix(color, hot.rgb, hot.a * globals.opacity);
    }
    if (globals.flags & SHOW_LABELS) != 0u {
        let over = smooth_overlay(in.texel, in.step, in.position.xy);
        color = color * (1.0 - over.a) + over.rgb;
    }
    if (globals.flags & LINEAR_TARGET) != 0u {
        color = linear_from_gamma(color);
    }
    return vec4(color, 1.0);
}
