// One quad a tile: the image with the maps over it.
//
// Colours are in gamma space, as egui blends them. Texel coordinates count the tile's border.

const HIDDEN: u32 = 1u;
const LOCKED: u32 = 2u;

const SHOW_LABELS: u32 = 1u;
const OUTLINE: u32 = 2u;
const UNCERTAINTY: u32 = 4u;
const LINEAR_TARGET: u32 = 8u;
/// The reference is shown in place of the labels.
const REFERENCE: u32 = 16u;
/// Where labels and reference differ, stripes of both classes; elsewhere the image without colour.
const DISAGREEMENT: u32 = 32u;
const GRID: u32 = 64u;

/// Labels are shown and nothing else: what the other looks need is left out. A graphics card skips it
/// anyway; a software rasteriser computes it for every pixel.
override PLAIN: bool = false;

/// Half the width of an outline, in physical pixels: each side of an edge paints its own half.
const LINE: f32 = 1.5;

/// The fill of a hovered class is moved this far from its opacity towards opaque.
const HOVER_LIFT: f32 = 0.35;

/// Stripes over locked classes: their period in physical pixels, and how much they take away.
const STRIPE: f32 = 8.0;
const STRIPE_FADE: f32 = 0.3;

/// The pixel grid comes up from this many physical pixels a pixel on, and is whole at twice that.
const GRID_FROM: f32 = 8.0;
const GRID_ALPHA: f32 = 0.28;

/// Where labels and reference agree, this much of the image's colour is taken away.
const AGREED_GREY: f32 = 0.7;

struct Globals {
    /// The widget's size in physical pixels.
    viewport: vec2<f32>,
    opacity: f32,
    flags: u32,
    /// Straight alpha; uncertainty goes from the first to the second.
    heat_low: vec4<f32>,
    heat_high: vec4<f32>,
    /// Lines of the pixel grid on dark and on light pixels.
    grid_light: vec4<f32>,
    grid_dark: vec4<f32>,
    /// Brightness, contrast, one over gamma.
    tone: vec3<f32>,
    /// The class under the pointer of the class list; 256 is none.
    hovered: u32,
    /// Entry of class c: red, green, blue, flags from the lowest byte up.
    palette: array<vec4<u32>, 64>,
    /// Opacity of class c, a byte each from the lowest up.
    opacities: array<vec4<u32>, 16>,
};

@group(0) @binding(0) var<uniform> globals: Globals;

@group(1) @binding(0) var image: texture_2d<f32>;
@group(1) @binding(1) var labels: texture_2d<u32>;
@group(1) @binding(2) var reference: texture_2d<u32>;
@group(1) @binding(3) var confidence: texture_2d<f32>;
@group(1) @binding(4) var smooth_sampler: sampler;

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

/// Whether one of these flags is set, beside those of a plain look.
fn is_on(wanted: u32) -> bool {
    return !PLAIN && (globals.flags & wanted) != 0u;
}

fn label_at(texel: vec2<i32>) -> u32 {
    let last = vec2<i32>(textureDimensions(labels)) - 1;
    return textureLoad(labels, clamp(texel, vec2<i32>(0), last), 0).r;
}

fn reference_at(texel: vec2<i32>) -> u32 {
    let last = vec2<i32>(textureDimensions(reference)) - 1;
    return textureLoad(reference, clamp(texel, vec2<i32>(0), last), 0).r;
}

/// The class that is shown at a texel.
fn class_at(texel: vec2<i32>) -> u32 {
    if is_on(REFERENCE) {
        return reference_at(texel);
    }
    return label_at(texel);
}

/// Red, green, blue and flags of a class.
fn entry_of(class_index: u32) -> u32 {
    return globals.palette[class_index >> 2u][class_index & 3u];
}

/// How opaque a class is beside the others, 0 to 1.
fn class_opacity(class_index: u32) -> f32 {
    let four = globals.opacities[class_index >> 4u][(class_index >> 2u) & 3u];
    return unpack4x8unorm(four)[class_index & 3u];
}

fn is_striped(pixel: vec2<f32>) -> bool {
    return fract((pixel.x + pixel.y) / STRIPE) < 0.5;
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
    let entry = entry_of(own);
    let color = unpack4x8unorm(entry).rgb;
    let class_flags = entry >> 24u;
    if (class_flags & HIDDEN) != 0u {
        return vec4(0.0);
    }
    let hovered = !PLAIN && own == globals.hovered;
    let outlined = is_on(OUTLINE) || hovered;
    var alpha = globals.opacity * class_opacity(own);
    if is_on(OUTLINE | UNCERTAINTY) {
        alpha = 0.0;
    }
    if hovered {
        alpha = mix(alpha, 1.0, HOVER_LIFT);
    }
    if (class_flags & LOCKED) != 0u && is_striped(pixel) {
        alpha *= 1.0 - STRIPE_FADE;
    }
    if outlined {
        let line = clamp(LINE + 0.5 - edge_distance(texel, own) * step, 0.0, 1.0);
        alpha = max(alpha, line);
    }
    return vec4(color * alpha, alpha);
}

/// Where labels and reference differ, one point of stripes in both classes' colours, premultiplied.
fn disagreement(texel: vec2<f32>, pixel: vec2<f32>) -> vec4<f32> {
    let at = vec2<i32>(floor(texel));
    let own = label_at(at);
    let other = reference_at(at);
    if own == other {
        return vec4(0.0);
    }
    let entry = entry_of(select(other, own, is_striped(pixel)));
    if ((entry >> 24u) & HIDDEN) != 0u {
        return vec4(0.0);
    }
    let alpha = max(globals.opacity, 0.8);
    return vec4(unpack4x8unorm(entry).rgb * alpha, alpha);
}

/// What lies over one point of the image, premultiplied.
fn cover(texel: vec2<f32>, step: f32, pixel: vec2<f32>) -> vec4<f32> {
    if is_on(DISAGREEMENT) {
        return disagreement(texel, pixel);
    }
    return overlay(texel, step, pixel);
}

/// Where texels are smaller than pixels, the mean of four points: small classes do not flicker.
fn smooth_cover(texel: vec2<f32>, step: f32, pixel: vec2<f32>) -> vec4<f32> {
    if step >= 1.0 {
        return cover(texel, step, pixel);
    }
    let d = 0.25 / step;
    return 0.25 * (cover(texel + vec2(-d, -d), step, pixel)
        + cover(texel + vec2(d, -d), step, pixel)
        + cover(texel + vec2(-d, d), step, pixel)
        + cover(texel + vec2(d, d), step, pixel));
}

fn luminance(color: vec3<f32>) -> f32 {
    return dot(color, vec3(0.299, 0.587, 0.114));
}

/// The image for the eye: contrast around the middle, brightness, then gamma.
fn toned(color: vec3<f32>) -> vec3<f32> {
    if PLAIN {
        return color;
    }
    let moved = (color - 0.5) * globals.tone.y + 0.5 + globals.tone.x;
    return pow(clamp(moved, vec3(0.0), vec3(1.0)), vec3(globals.tone.z));
}

/// A line of one physical pixel along the left and the upper side of each image pixel.
fn gridded(color: vec3<f32>, texel: vec2<f32>, step: f32) -> vec3<f32> {
    let inside = fract(texel) * step;
    let shown = clamp(step / GRID_FROM - 1.0, 0.0, 1.0);
    if min(inside.x, inside.y) >= 1.0 || shown == 0.0 {
        return color;
    }
    let ink = select(globals.grid_dark, globals.grid_light, luminance(color) < 0.5);
    return mix(color, ink.rgb, GRID_ALPHA * shown);
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
    var color = toned(sharp(image, in.texel, in.step).rgb);
    if is_on(UNCERTAINTY) {
        let hot = heat(in.texel, in.step);
        color = mix(color, hot.rgb, hot.a * globals.opacity);
    }
    if is_on(DISAGREEMENT) {
        color = mix(color, vec3(luminance(color)), AGREED_GREY);
    }
    if (globals.flags & SHOW_LABELS) != 0u {
        let over = smooth_cover(in.texel, in.step, in.position.xy);
        color = color * (1.0 - over.a) + over.rgb;
    }
    if is_on(GRID) {
        color = gridded(color, in.texel, in.step);
    }
    if (globals.flags & LINEAR_TARGET) != 0u {
        color = linear_from_gamma(color);
    }
    return vec4(color, 1.0);
}
