//! What tools show on top of the canvas: the brush ring, a polygon in the making, borders, marks.

use egui::{
    Align2, Color32, FontId, Mesh, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, TextureHandle,
    Vec2, pos2, vec2,
};
use lyon_tessellation::geometry_builder::simple_builder;
use lyon_tessellation::math::point;
use lyon_tessellation::path::Path;
use lyon_tessellation::{FillOptions, FillTessellator, VertexBuffers};

use super::View;
use crate::theme;

/// Half the side of a polygon's vertex on the screen, in points: also how near a click must be.
pub const VERTEX_RADIUS: f32 = 4.5;

/// The length of a dash, in points.
const DASH: f32 = 5.0;

/// From one dash to the next, in points.
const PERIOD: f32 = 9.0;

/// The circle that a brush of `radius` image pixels would paint at `center` (image coordinates).
/// It is seen on any image: light, with a dark edge, and filled faintly with the class colour.
pub fn brush_ring(painter: &Painter, view: &View, center: Pos2, radius: f32, color: Color32) {
    let c = &theme::tokens(painter.ctx()).color;
    let center = view.to_screen(center);
    let radius = (radius * view.scale()).max(1.5);
    painter.circle(
        center,
        radius,
        color.gamma_multiply(0.25),
        Stroke::new(3.0, c.ring_shade),
    );
    painter.circle_stroke(center, radius, Stroke::new(1.25, c.ring));
}

/// The square that a brush of `radius` image pixels would paint at `center` (image coordinates),
/// drawn as [`brush_ring`] draws a round one.
pub fn brush_square(painter: &Painter, view: &View, center: Pos2, radius: f32, color: Color32) {
    let c = &theme::tokens(painter.ctx()).color;
    let side = 2.0 * (radius * view.scale()).max(1.5);
    let rect = Rect::from_center_size(view.to_screen(center), vec2(side, side));
    painter.rect(
        rect,
        0,
        color.gamma_multiply(0.25),
        Stroke::new(3.0, c.ring_shade),
        StrokeKind::Middle,
    );
    painter.rect_stroke(rect, 0, Stroke::new(1.25, c.ring), StrokeKind::Middle);
}

/// A polygon with movable vertices, in image coordinates. An open one has no last edge; it is
/// filled (even-odd, as it will be painted) in either case.
pub fn polygon(
    painter: &Painter,
    view: &View,
    vertices: &[Pos2],
    closed: bool,
    hovered: Option<usize>,
    color: Color32,
) {
    let hovered = hovered.map(|vertex| [0, vertex]);
    rings(painter, view, &[vertices.to_vec()], closed, hovered, color);
}

/// Rings with movable vertices, in image coordinates: those within others are holes. The last one
/// may be open. `hovered` is a ring and a vertex of it.
pub fn rings(
    painter: &Painter,
    view: &View,
    rings: &[Vec<Pos2>],
    closed: bool,
    hovered: Option<[usize; 2]>,
    color: Color32,
) {
    let c = &theme::tokens(painter.ctx()).color;
    let rings = on_screen(view, rings);
    painter.extend(fill(&rings, color.gamma_multiply(0.3)));
    for (place, points) in rings.iter().enumerate() {
        outline(painter, points, closed || place + 1 < rings.len(), color);
    }
    for (ring, points) in rings.iter().enumerate() {
        for (vertex, point) in points.iter().enumerate() {
            let (radius, ink) = if hovered == Some([ring, vertex]) {
                (VERTEX_RADIUS + 1.5, color)
            } else {
                (VERTEX_RADIUS, c.ring)
            };
            painter.circle(*point, radius, ink, Stroke::new(1.5, c.ring_shade));
        }
    }
}

/// What a closed line (image coordinates) encloses, by the even-odd rule.
pub fn enclosed(painter: &Painter, view: &View, line: &[Pos2], color: Color32) {
    let rings = on_screen(view, &[line.to_vec()]);
    painter.extend(fill(&rings, color.gamma_multiply(0.3)));
    outline(painter, &rings[0], true, color);
}

/// The outline of what is selected, in image coordinates: dashes that are seen on any image.
pub fn selection(painter: &Painter, view: &View, rings: &[Vec<Pos2>]) {
    let c = &theme::tokens(painter.ctx()).color;
    for mut points in on_screen(view, rings) {
        points.extend(points.first().copied());
        let stroke = Stroke::new(1.5, c.ring);
        let dashes = dashes(&points, painter.clip_rect().expand(DASH));
        painter.line(points, Stroke::new(2.5, c.ring_shade));
        painter.extend(
            dashes
                .into_iter()
                .map(|ends| Shape::line_segment(ends, stroke)),
        );
    }
}

/// The dashes along a line that lie in `seen`: zoomed in, a selection is much longer than the
/// window is wide.
fn dashes(points: &[Pos2], seen: Rect) -> Vec<[Pos2; 2]> {
    let mut dashes = Vec::new();
    // Where in its pattern the line is at the edge's start.
    let mut phase = 0.0_f32;
    for edge in points.windows(2) {
        let way = edge[1] - edge[0];
        let length = way.length();
        if let Some([start, end]) = part_in(seen, edge[0], way) {
            let first = ((phase + start * length) / PERIOD).floor() as u32;
            let last = ((phase + end * length) / PERIOD).ceil() as u32;
            for place in first..last {
                let at = place as f32 * PERIOD - phase;
                let [from, to] = [at.max(0.0), (at + DASH).min(length)];
                if from < to {
                    dashes.push([from, to].map(|at| edge[0] + way * (at / length)));
                }
            }
        }
        phase = (phase + length) % PERIOD;
    }
    dashes
}

/// The part of an edge that lies in a rectangle, from 0 at its start to 1 at its end.
fn part_in(rect: Rect, from: Pos2, way: Vec2) -> Option<[f32; 2]> {
    let mut part = [0.0_f32, 1.0];
    for (from, way, low, high) in [
        (from.x, way.x, rect.left(), rect.right()),
        (from.y, way.y, rect.top(), rect.bottom()),
    ] {
        if way.abs() > f32::EPSILON {
            let [a, b] = [(low - from) / way, (high - from) / way];
            part = [part[0].max(a.min(b)), part[1].min(a.max(b))];
        } else if from < low || from > high {
            return None;
        }
    }
    (part[0] < part[1]).then_some(part)
}

/// A line through points in image coordinates.
pub fn line(painter: &Painter, view: &View, points: &[Pos2], color: Color32) {
    let points: Vec<Pos2> = points.iter().map(|p| view.to_screen(*p)).collect();
    outline(painter, &points, false, color);
}

fn on_screen(view: &View, rings: &[Vec<Pos2>]) -> Vec<Vec<Pos2>> {
    let ring = |ring: &Vec<Pos2>| ring.iter().map(|p| view.to_screen(*p)).collect();
    rings.iter().map(ring).collect()
}

/// A line that is seen on any image: coloured, with a dark edge.
fn outline(painter: &Painter, points: &[Pos2], closed: bool, color: Color32) {
    let c = &theme::tokens(painter.ctx()).color;
    let mut line = points.to_vec();
    if closed {
        line.extend(points.first());
    }
    painter.line(line.clone(), Stroke::new(3.5, c.ring_shade));
    painter.line(line, Stroke::new(1.75, color));
}

/// A picture laid over the whole image of `size` pixels, such as borders, in the colour of rings.
pub fn picture(painter: &Painter, view: &View, size: [u32; 2], texture: &TextureHandle) {
    let c = &theme::tokens(painter.ctx()).color;
    let corner = pos2(size[0] as f32, size[1] as f32);
    let rect = Rect::from_min_max(view.to_screen(Pos2::ZERO), view.to_screen(corner));
    let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
    painter.image(texture.id(), rect, whole, c.ring.gamma_multiply(0.55));
}

/// Thin level and upright lines, in image coordinates.
pub fn lines(painter: &Painter, view: &View, lines: &[[Pos2; 2]]) {
    let color = theme::tokens(painter.ctx()).color.ring.gamma_multiply(0.55);
    let half = vec2(0.5, 0.5) / view.pixels_per_point;
    let mut mesh = Mesh::default();
    for ends in lines {
        let [a, b] = ends.map(|end| view.to_screen(end));
        mesh.add_colored_rect(Rect::from_two_pos(a, b).expand2(half), color);
    }
    painter.add(mesh);
}

/// An area of rows of pixels, in image coordinates, filled faintly.
pub fn area(painter: &Painter, view: &View, rows: impl Iterator<Item = Rect>, color: Color32) {
    let mut mesh = Mesh::default();
    for row in rows {
        let rect = Rect::from_min_max(view.to_screen(row.min), view.to_screen(row.max));
        mesh.add_colored_rect(rect, color.gamma_multiply(0.6));
    }
    painter.add(mesh);
}

/// A rectangle in the making, in image coordinates.
pub fn rectangle(painter: &Painter, view: &View, rect: Rect) {
    let c = &theme::tokens(painter.ctx()).color;
    let rect = Rect::from_min_max(view.to_screen(rect.min), view.to_screen(rect.max));
    let side = StrokeKind::Middle;
    painter.rect_stroke(rect, 0, Stroke::new(3.0, c.ring_shade), side);
    painter.rect_stroke(rect, 0, Stroke::new(1.25, c.ring), side);
}

/// A place that was clicked: a plus where it is inside, a minus where it is outside.
pub fn mark(painter: &Painter, view: &View, at: Pos2, inside: bool) {
    let c = &theme::tokens(painter.ctx()).color;
    let at = view.to_screen(at);
    let ink = if inside { c.success } else { c.error };
    painter.circle(at, 6.0, ink, Stroke::new(1.5, c.ring_shade));
    let sign = Stroke::new(1.75, c.ring);
    painter.line_segment([at - vec2(3.0, 0.0), at + vec2(3.0, 0.0)], sign);
    if inside {
        painter.line_segment([at - vec2(0.0, 3.0), at + vec2(0.0, 3.0)], sign);
    }
}

/// A few words beside a point of the screen.
pub fn note(painter: &Painter, at: Pos2, text: String) {
    let tokens = theme::tokens(painter.ctx());
    let font = FontId::proportional(tokens.text.body);
    let galley = painter.layout_no_wrap(text, font, tokens.color.text_strong);
    let place = Align2::LEFT_BOTTOM.anchor_size(at + vec2(14.0, -14.0), galley.size());
    painter.rect_filled(
        place.expand(5.0),
        tokens.radius.widget,
        tokens.color.surface,
    );
    painter.galley(place.min, galley, tokens.color.text_strong);
}

/// The vertex under a point of the screen, the last one first; `None` when all are further away
/// than [`VERTEX_RADIUS`] and a little.
#[must_use]
pub fn vertex_at(view: &View, vertices: &[Pos2], screen: Pos2) -> Option<usize> {
    vertices
        .iter()
        .rposition(|vertex| view.to_screen(*vertex).distance(screen) <= VERTEX_RADIUS + 2.0)
}

/// The area inside closed lines by the even-odd rule: egui fills convex shapes only.
fn fill(rings: &[Vec<Pos2>], color: Color32) -> Option<Shape> {
    let mut path = Path::builder();
    for points in rings.iter().filter(|points| points.len() >= 3) {
        path.begin(point(points[0].x, points[0].y));
        for p in &points[1..] {
            path.line_to(point(p.x, p.y));
        }
        path.close();
    }
    let mut buffers: VertexBuffers<lyon_tessellation::math::Point, u16> = VertexBuffers::new();
    // It fails on coordinates that are not numbers; then there is nothing to fill.
    FillTessellator::new()
        .tessellate_path(
            &path.build(),
            &FillOptions::even_odd(),
            &mut simple_builder(&mut buffers),
        )
        .ok()?;
    if buffers.indices.is_empty() {
        return None;
    }
    let mut mesh = Mesh::default();
    for vertex in &buffers.vertices {
        mesh.colored_vertex(Pos2::new(vertex.x, vertex.y), color);
    }
    mesh.indices = buffers.indices.into_iter().map(u32::from).collect();
    Some(mesh.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn a_star_that_crosses_itself_has_a_hole() {
        let star: Vec<Pos2> = (0..5)
            .map(|i| {
                let angle = i as f32 * 2.0 * std::f32::consts::TAU / 5.0;
                pos2(100.0 * angle.sin(), 100.0 * angle.cos())
            })
            .collect();
        let Some(Shape::Mesh(mesh)) = fill(&[star], Color32::WHITE) else {
            panic!("nothing was filled");
        };
        let area: f32 = mesh
            .triangles()
            .map(|[a, b, c]| {
                let [a, b, c] = [a, b, c].map(|i| mesh.vertices[i as usize].pos);
                ((b - a).x * (c - a).y - (b - a).y * (c - a).x).abs() / 2.0
            })
            .sum();
        // Five points of the pentagram; its inner pentagon is outside by the even-odd rule.
        let phi = (1.0 + 5f32.sqrt()) / 2.0;
        let pentagon = |r: f32| 2.5 * r * r * (std::f32::consts::TAU / 5.0).sin();
        let decagram = {
            let inner = 100.0 / (phi * phi);
            5.0 * 100.0 * inner * (std::f32::consts::PI / 5.0).sin()
        };
        let expected = decagram - pentagon(100.0 / (phi * phi));
        assert!(
            (area - expected).abs() < 1.0,
            "{area} instead of {expected}"
        );
    }

    #[test]
    fn the_topmost_vertex_near_the_pointer_is_found() {
        let rect = Rect::from_min_size(Pos2::ZERO, vec2(224.0, 224.0));
        let view = super::super::Camera::fit([100, 100], rect, 1.0).view([100, 100], rect, 1.0);
        assert_eq!(view.scale(), 2.0);
        let vertices = [pos2(10.0, 10.0), pos2(50.0, 50.0), pos2(10.5, 10.0)];
        let at = |x: f32, y: f32| vertex_at(&view, &vertices, view.to_screen(pos2(x, y)));
        assert_eq!(at(10.0, 10.0), Some(2));
        assert_eq!(at(53.0, 50.0), Some(1), "six points off");
        assert_eq!(at(54.0, 50.0), None, "eight points off");
    }

    #[test]
    fn dashes_are_made_where_they_are_seen_and_go_around_corners() {
        let window = Rect::from_min_size(Pos2::ZERO, vec2(900.0, 700.0));
        let around = |rect: Rect| {
            let corners = [
                rect.left_top(),
                rect.right_top(),
                rect.right_bottom(),
                rect.left_bottom(),
                rect.left_top(),
            ];
            dashes(&corners, window)
        };
        let length =
            |dashes: &[[Pos2; 2]]| -> f32 { dashes.iter().map(|[a, b]| a.distance(*b)).sum() };
        let small = around(Rect::from_min_size(pos2(10.0, 10.0), vec2(100.0, 80.0)));
        let expected = 360.0 * DASH / PERIOD;
        assert!((length(&small) - expected).abs() < 0.01);
        let huge = Rect::from_min_size(pos2(-5e5, 300.0), vec2(1e6, 1e6));
        let edge = around(huge);
        assert!((100..=102).contains(&edge.len()), "{}", edge.len());
        assert!(edge.iter().flatten().all(|end| end.y == 300.0));
        assert!(around(window.expand(50.0)).is_empty());
    }

    #[test]
    fn a_line_has_no_area() {
        let line = vec![pos2(0.0, 0.0), pos2(1.0, 1.0)];
        assert!(fill(&[line], Color32::WHITE).is_none());
    }
}
