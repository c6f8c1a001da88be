//! The canvas under the pointer: no renderer is needed.

use std::sync::Arc;

use atrous_widgets::canvas::{Appearance, Canvas, CanvasEvent, FlatMap, Maps, Pyramid, View};
use atrous_widgets::theme::Theme;
use egui::{Event, Key, Modifiers, MouseWheelUnit, PointerButton, Pos2, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::screen;

struct State {
    canvas: Canvas,
    appearance: Appearance,
    events: Vec<CanvasEvent>,
    pixel: Option<[u32; 2]>,
}

struct Window(Harness<'static, State>);

impl Window {
    /// 200 by 100 pixels in a window of 400 by 300: fitted, an image pixel is 1.88 points.
    fn new() -> Self {
        let mut canvas = Canvas::new(None);
        let image = Pyramid::new([200, 100], vec![0; 200 * 100 * 3]).unwrap();
        canvas.set_image(Arc::new(image));
        let state = State {
            canvas,
            appearance: Appearance::default(),
            events: Vec::new(),
            pixel: None,
        };
        let builder = screen::builder([400.0, 300.0], Theme::Dark).with_step_dt(0.02);
        let harness = builder.build_ui_state(
            |ui, state: &mut State| {
                let maps = Maps::default();
                let out = state.canvas.show(ui, &state.appearance, &maps);
                state.events.extend(out.events);
                state.pixel = out.pixel;
            },
            state,
        );
        Self(harness)
    }

    fn view(&self) -> View {
        self.0.state().canvas.view().unwrap()
    }

    /// All events in one frame.
    fn frame(&mut self, events: impl IntoIterator<Item = Event>) {
        self.0.input_mut().events.extend(events);
        self.0.step();
    }

    fn hover(&mut self, pos: Pos2) {
        self.frame([Event::PointerMoved(pos)]);
    }

    fn button(&mut self, pos: Pos2, button: PointerButton, pressed: bool) {
        self.frame([button_event(pos, button, pressed)]);
    }

    fn drag(&mut self, button: PointerButton, path: &[Pos2]) {
        self.hover(path[0]);
        self.button(path[0], button, true);
        for pos in &path[1..] {
            self.hover(*pos);
        }
        self.button(path[path.len() - 1], button, false);
    }

    fn wheel(&mut self, unit: MouseWheelUnit, delta: Vec2, modifiers: Modifiers) {
        self.frame([Event::MouseWheel {
            unit,
            delta,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers,
        }]);
    }

    fn events(&mut self) -> Vec<CanvasEvent> {
        std::mem::take(&mut self.0.state_mut().events)
    }
}

fn button_event(pos: Pos2, button: PointerButton, pressed: bool) -> Event {
    Event::PointerButton {
        pos,
        button,
        pressed,
        modifiers: Modifiers::NONE,
    }
}

fn near(a: Pos2, b: Pos2, slack: f32) {
    assert!(a.distance(b) <= slack, "{a:?} is not near {b:?}");
}

const LINE: MouseWheelUnit = MouseWheelUnit::Line;
const POINT: MouseWheelUnit = MouseWheelUnit::Point;

#[test]
fn it_has_a_name_and_knows_the_pixel_under_the_pointer() {
    let mut window = Window::new();
    window.0.get_by_label("Canvas");
    let target = window.view().to_screen(pos2(17.5, 3.5));
    window.hover(target);
    assert_eq!(window.0.state().pixel, Some([17, 3]));
    window.hover(pos2(5.0, 5.0));
    assert_eq!(window.0.state().pixel, None, "beside the image");
}

#[test]
fn a_stroke_keeps_every_point_of_the_path() {
    let mut window = Window::new();
    let view = window.view();
    let path = [10.5, 20.5, 30.5, 40.5].map(|x| view.to_screen(pos2(x, 50.5)));
    window.hover(path[0]);
    // Press, three moves and release all arrive before one frame is drawn.
    let mut events = vec![button_event(path[0], PointerButton::Primary, true)];
    events.extend(path[1..].iter().map(|pos| Event::PointerMoved(*pos)));
    events.push(button_event(path[3], PointerButton::Primary, false));
    window.frame(events);

    let events = window.events();
    let CanvasEvent::Press { pos, button, .. } = events[0] else {
        panic!("{events:?}");
    };
    assert_eq!(button, PointerButton::Primary);
    near(pos, pos2(10.5, 50.5), 1e-3);
    let moves: Vec<f32> = events[1..4]
        .iter()
        .map(|event| match event {
            CanvasEvent::Move { pos, .. } => pos.x.round(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(moves, [21.0, 31.0, 41.0].map(|x: f32| (x - 0.5).round()));
    assert!(matches!(events[4], CanvasEvent::Release { .. }));
    assert_eq!(events.len(), 5);
}

#[test]
fn a_stroke_goes_on_outside_the_window_and_ends_there() {
    let mut window = Window::new();
    let inside = window.view().to_screen(pos2(100.0, 50.0));
    window.drag(PointerButton::Primary, &[inside, pos2(600.0, 80.0)]);
    let events = window.events();
    let Some(CanvasEvent::Release { pos, .. }) = events.last() else {
        panic!("{events:?}");
    };
    assert!(pos.x > 200.0, "{pos:?}");
}

#[test]
fn a_press_that_begins_elsewhere_is_none() {
    let mut window = Window::new();
    window.frame([
        Event::PointerMoved(pos2(600.0, 50.0)),
        button_event(pos2(600.0, 50.0), PointerButton::Primary, true),
    ]);
    window.hover(pos2(200.0, 150.0));
    window.button(pos2(200.0, 150.0), PointerButton::Primary, false);
    assert_eq!(window.events(), []);
}

#[test]
fn a_second_button_is_told_and_the_first_one_ends_the_gesture() {
    let mut window = Window::new();
    let pos = pos2(200.0, 150.0);
    window.hover(pos);
    window.button(pos, PointerButton::Primary, true);
    window.button(pos, PointerButton::Secondary, true);
    window.button(pos, PointerButton::Secondary, false);
    window.button(pos, PointerButton::Primary, false);
    let buttons: Vec<_> = window
        .events()
        .into_iter()
        .filter_map(|event| match event {
            CanvasEvent::Press { button, .. } => Some((button, true)),
            CanvasEvent::Release { button, .. } => Some((button, false)),
            _ => None,
        })
        .collect();
    assert_eq!(
        buttons,
        [
            (PointerButton::Primary, true),
            (PointerButton::Secondary, true),
            (PointerButton::Primary, false)
        ]
    );
}

#[test]
fn a_double_click_is_told_after_its_presses() {
    let mut window = Window::new();
    let pos = pos2(200.0, 150.0);
    for _ in 0..2 {
        window.hover(pos);
        window.button(pos, PointerButton::Primary, true);
        window.button(pos, PointerButton::Primary, false);
    }
    let events = window.events();
    assert!(
        matches!(events.last(), Some(CanvasEvent::DoubleClick { .. })),
        "{events:?}"
    );
    assert_eq!(events.len(), 5);
}

#[test]
fn the_middle_button_and_space_pan_and_tell_no_tool() {
    let mut window = Window::new();
    let before = window.view().to_screen(pos2(0.0, 0.0));
    window.drag(
        PointerButton::Middle,
        &[pos2(200.0, 150.0), pos2(230.0, 140.0)],
    );
    near(
        window.view().to_screen(pos2(0.0, 0.0)),
        before + vec2(30.0, -10.0),
        0.6,
    );

    window.0.key_down(Key::Space);
    window.0.step();
    window.drag(
        PointerButton::Primary,
        &[pos2(200.0, 150.0), pos2(190.0, 180.0)],
    );
    window.0.key_up(Key::Space);
    window.0.step();
    near(
        window.view().to_screen(pos2(0.0, 0.0)),
        before + vec2(20.0, 20.0),
        1.1,
    );
    assert_eq!(window.events(), []);

    window.drag(
        PointerButton::Primary,
        &[pos2(200.0, 150.0), pos2(190.0, 180.0)],
    );
    assert!(!window.events().is_empty(), "Space is up again");
}

#[test]
fn the_wheel_zooms_at_the_pointer_and_ctrl_and_a_pinch_do_too() {
    let pointer = pos2(120.0, 170.0);
    let zooms: [fn(&mut Window); 4] = [
        |window| window.wheel(LINE, vec2(0.0, 1.0), Modifiers::NONE),
        |window| window.wheel(LINE, vec2(0.0, 1.0), Modifiers::COMMAND),
        |window| window.wheel(POINT, vec2(0.0, 40.0), Modifiers::COMMAND),
        |window| window.frame([Event::Zoom(1.3)]),
    ];
    for zoom in zooms {
        let mut window = Window::new();
        window.hover(pointer);
        let (old, under) = (window.view().zoom(), window.view().to_image(pointer));
        zoom(&mut window);
        window.0.run_steps(30);
        assert!(window.view().zoom() > 1.1 * old);
        near(window.view().to_image(pointer), under, 2.0 / old);
    }
}

#[test]
fn a_notch_comes_over_a_few_frames_and_ends_where_it_should() {
    let mut window = Window::new();
    // The harness wants no animations.
    let style = |time| move |style: &mut egui::Style| style.animation_time = time;
    window.0.ctx.all_styles_mut(style(0.1));
    window.hover(pos2(200.0, 150.0));
    let before = window.view().zoom();
    window.wheel(LINE, vec2(0.0, 1.0), Modifiers::NONE);
    let mut zooms = vec![window.view().zoom()];
    for _ in 0..30 {
        window.0.step();
        zooms.push(window.view().zoom());
    }
    assert!(zooms[0] > before && zooms[0] < 1.15 * before, "{zooms:?}");
    assert!(zooms.is_sorted(), "{zooms:?}");
    assert!((zooms[30] / before - 1.2).abs() < 1e-4, "{zooms:?}");
    // Whoever wants no animations gets it at once.
    window
        .0
        .ctx
        .all_styles_mut(|style| style.animation_time = 0.0);
    window.0.state_mut().canvas.set_zoom(2.0);
    window.0.step();
    window.wheel(LINE, vec2(0.0, 1.0), Modifiers::NONE);
    assert!((window.view().zoom() - 2.4).abs() < 1e-4);
}

#[test]
fn keys_move_and_zoom_the_view_by_parts_of_it() {
    let mut window = Window::new();
    window.0.state_mut().canvas.set_zoom(4.0);
    window.0.step();
    let before = window.view();
    window.0.state_mut().canvas.pan_by(vec2(0.25, 0.0));
    window.0.run_steps(30);
    let moved = before.to_screen(pos2(100.0, 50.0)) - window.view().to_screen(pos2(100.0, 50.0));
    let quarter = before.rect().width() / 4.0;
    assert!((moved - vec2(quarter, 0.0)).length() < 1.5, "{moved:?}");
    window.0.state_mut().canvas.zoom_by(1.5);
    window.0.run_steps(30);
    assert!((window.view().zoom() - 6.0).abs() < 1e-3);
    window.0.state_mut().canvas.look_at(pos2(10.0, 90.0));
    window.0.step();
    let middle = window.view().to_image(window.view().rect().center());
    near(middle, pos2(10.0, 90.0), 0.2);
}

#[test]
fn shift_and_the_wheel_pan_sideways() {
    let mut window = Window::new();
    window.hover(pos2(200.0, 150.0));
    let before = window.view().to_screen(pos2(0.0, 0.0));
    window.wheel(LINE, vec2(0.0, -1.0), Modifiers::SHIFT);
    window.0.run_steps(30);
    let moved = window.view().to_screen(pos2(0.0, 0.0)) - before;
    assert!(moved.x < -50.0 && moved.y.abs() < 0.6, "{moved:?}");
}

#[test]
fn the_minimap_moves_the_view_and_tells_no_tool() {
    let mut window = Window::new();
    window.0.state_mut().appearance.minimap = true;
    window.0.run_steps(30);
    let name = "Minimap: click or drag to move the view";
    assert!(window.0.query_by_label(name).is_none(), "all is in view");
    window.0.state_mut().canvas.set_zoom(8.0);
    window.0.run_steps(30);
    let map = window.0.get_by_label(name).rect();
    assert!((map.width() / map.height() - 2.0).abs() < 0.1, "{map:?}");
    let path = [map.center(), map.lerp_inside(vec2(0.25, 0.75))];
    window.drag(PointerButton::Primary, &path);
    window.0.run_steps(30);
    let middle = window.view().to_image(window.view().rect().center());
    near(middle, pos2(50.0, 75.0), 2.0);
    assert_eq!(window.events(), []);
    window.hover(map.center());
    assert_eq!(window.0.state().pixel, None, "the image is below it");
}

#[test]
fn two_fingers_pan_and_alt_is_left_to_the_tools() {
    let mut window = Window::new();
    window.hover(pos2(200.0, 150.0));
    let before = window.view().to_screen(pos2(0.0, 0.0));
    window.wheel(POINT, vec2(12.0, -7.0), Modifiers::NONE);
    near(
        window.view().to_screen(pos2(0.0, 0.0)),
        before + vec2(12.0, -7.0),
        0.6,
    );
    let view = window.view();
    window.wheel(LINE, vec2(0.0, 1.0), Modifiers::ALT);
    assert_eq!(window.view(), view);
}

#[test]
fn fit_and_actual_size() {
    let mut window = Window::new();
    let fitted = window.view();
    window.0.state_mut().canvas.set_zoom(1.0);
    window.0.step();
    assert_eq!(window.view().zoom(), 1.0);
    let corner = window.view().to_screen(pos2(0.0, 0.0));
    assert_eq!(corner, corner.round(), "100 % sits on whole pixels");
    window.0.state_mut().canvas.fit();
    window.0.step();
    assert_eq!(window.view(), fitted);
}

#[test]
fn an_image_of_the_same_size_keeps_the_place_and_another_is_fitted() {
    let mut window = Window::new();
    window.0.state_mut().canvas.set_zoom(3.0);
    window.0.step();
    let image = |size: [u32; 2]| {
        let bytes = vec![0; (size[0] * size[1] * 3) as usize];
        Arc::new(Pyramid::new(size, bytes).unwrap())
    };
    window.0.state_mut().canvas.set_image(image([200, 100]));
    window.0.step();
    assert_eq!(window.view().zoom(), 3.0);
    window.0.state_mut().canvas.set_image(image([20, 10]));
    window.0.step();
    assert_eq!(window.view().zoom(), 8.0);
}

#[test]
fn a_flat_map_has_a_byte_for_each_pixel() {
    assert!(FlatMap::new([4, 3], &[0; 12]).is_ok());
    let error = FlatMap::new([4, 3], &[0; 11]).unwrap_err();
    assert_eq!(error.to_string(), "4x3 pixels take 12 bytes, found 11");
}

#[test]
fn an_empty_canvas_tells_nothing() {
    let mut window = Window::new();
    window.0.state_mut().canvas.clear();
    window.drag(
        PointerButton::Primary,
        &[pos2(200.0, 150.0), pos2(210.0, 150.0)],
    );
    window.wheel(LINE, vec2(0.0, 1.0), Modifiers::NONE);
    assert_eq!(window.events(), []);
    assert_eq!(window.0.state().pixel, None);
    assert!(window.0.state().canvas.view().is_none());
}
