//! From tokens to egui's style: widgets are quiet at rest, without borders.

use egui::style::{HandleShape, ScrollStyle, Selection, Spacing, WidgetVisuals, Widgets};
use egui::{
    Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Visuals,
    vec2,
};

use super::{Theme, Tokens, fonts};

/// egui's style for a theme's tokens.
pub(super) fn style(tokens: &Tokens, theme: Theme) -> Style {
    let mut style = Style {
        text_styles: text_styles(tokens),
        spacing: spacing(tokens),
        visuals: visuals(tokens, theme),
        animation_time: 0.1,
        compact_menu_style: false,
        ..Style::default()
    };
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    style
}

fn text_styles(tokens: &Tokens) -> std::collections::BTreeMap<TextStyle, FontId> {
    let text = &tokens.text;
    [
        (TextStyle::Body, text.body, FontFamily::Proportional),
        (TextStyle::Button, text.body, FontFamily::Proportional),
        (TextStyle::Small, text.small, FontFamily::Proportional),
        (TextStyle::Heading, text.heading, fonts::strong_family()),
        (TextStyle::Monospace, text.mono, FontFamily::Monospace),
    ]
    .into_iter()
    .map(|(style, size, family)| (style, FontId::new(size, family)))
    .collect()
}

fn spacing(tokens: &Tokens) -> Spacing {
    let space = &tokens.space;
    let padding = space.padding as i8;
    let gap = space.gap;
    Spacing {
        item_spacing: vec2(space.item, space.item),
        window_margin: Margin::same(padding),
        menu_margin: Margin::same(6),
        button_padding: vec2(space.item, gap),
        indent: space.indent,
        interact_size: vec2(space.row, space.row),
        icon_width: space.icon,
        icon_width_inner: space.icon * 0.5,
        icon_spacing: gap,
        slider_rail_height: gap,
        tooltip_width: 600.0,
        menu_spacing: 0.0,
        scroll: ScrollStyle {
            bar_width: space.scrollbar,
            floating_width: gap,
            bar_inner_margin: 2.0,
            bar_outer_margin: 0.0,
            ..ScrollStyle::floating()
        },
        ..Spacing::default()
    }
}

fn visuals(tokens: &Tokens, theme: Theme) -> Visuals {
    let c = &tokens.color;
    let window = CornerRadius::same(tokens.radius.window);
    let base = match theme {
        Theme::Dark => Visuals::dark(),
        Theme::Light => Visuals::light(),
    };
    let shadow = Shadow {
        offset: [0, 8],
        blur: 28,
        spread: 0,
        color: c.shadow,
    };
    Visuals {
        weak_text_color: Some(c.text_weak),
        widgets: widgets(tokens),
        selection: Selection {
            bg_fill: c.row_selected,
            stroke: Stroke::new(1.0, c.text_strong),
        },
        hyperlink_color: c.focus,
        faint_bg_color: c.row_hover,
        extreme_bg_color: c.field,
        text_edit_bg_color: Some(c.field),
        code_bg_color: c.field,
        warn_fg_color: c.warning,
        error_fg_color: c.error,
        window_corner_radius: window,
        window_shadow: shadow,
        window_fill: c.surface,
        window_stroke: Stroke::new(1.0, c.separator),
        menu_corner_radius: window,
        panel_fill: c.panel,
        popup_shadow: shadow,
        indent_has_left_vline: false,
        slider_trailing_fill: true,
        handle_shape: HandleShape::Circle,
        image_loading_spinners: false,
        disabled_alpha: 0.45,
        ..base
    }
}

fn widgets(tokens: &Tokens) -> Widgets {
    let c = &tokens.color;
    let state = |fill: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::NONE,
        corner_radius: CornerRadius::same(tokens.radius.widget),
        fg_stroke: Stroke::new(1.5, text),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: WidgetVisuals {
            bg_stroke: Stroke::new(1.0, c.separator),
            fg_stroke: Stroke::new(1.0, c.text),
            ..state(c.panel, c.text)
        },
        inactive: state(c.button, c.text),
        hovered: state(c.button_hover, c.text_strong),
        // egui shows what has the keyboard's focus as if it were pressed.
        active: WidgetVisuals {
            bg_stroke: Stroke::new(1.5, c.focus),
            ..state(c.button_active, c.text_strong)
        },
        open: state(c.button_active, c.text_strong),
    }
}
