//! A chart as a PNG: the SVG with the page's styles in it, drawn on a canvas.

use js_sys::{Reflect, encode_uri_component};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    CanvasRenderingContext2d, CssStyleSheet, Element, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement,
    XmlSerializer,
};

/// Pixels per CSS pixel: sharp on paper and on dense screens.
const SCALE: f64 = 2.0;
/// The margin around the chart, in CSS pixels.
const MARGIN: f64 = 16.0;

/// Saves a chart under a file name, as it looks now. Calls `failed` if the browser cannot.
pub(crate) fn save(chart: &Element, name: String, failed: Callback<()>) {
    if draw(chart, name, failed).is_err() {
        failed.run(());
    }
}

fn draw(chart: &Element, name: String, failed: Callback<()>) -> Result<(), JsValue> {
    let frame = chart.get_bounding_client_rect();
    let (width, height) = (frame.width(), frame.height());
    let (ground, scheme) = look(chart)?;
    let image = HtmlImageElement::new()?;
    let drawn = image.clone();
    let load = Closure::once_into_js(move || {
        let save = || -> Result<(), JsValue> {
            let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
            canvas.set_width(((width + 2.0 * MARGIN) * SCALE) as u32);
            canvas.set_height(((height + 2.0 * MARGIN) * SCALE) as u32);
            let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into::<CanvasRenderingContext2d>();
            context.scale(SCALE, SCALE)?;
            context.set_fill_style_str(&ground);
            context.fill_rect(0.0, 0.0, width + 2.0 * MARGIN, height + 2.0 * MARGIN);
            context.draw_image_with_html_image_element_and_dw_and_dh(&drawn, MARGIN, MARGIN, width, height)?;
            let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
            link.set_href(&canvas.to_data_url()?);
            link.set_download(&name);
            link.click();
            Ok(())
        };
        if save().is_err() {
            failed.run(());
        }
    });
    image.set_onload(Some(load.unchecked_ref()));
    let error = Closure::once_into_js(move || failed.run(()));
    image.set_onerror(Some(error.unchecked_ref()));
    let source = source(chart, width, height, &scheme)?;
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{}", String::from(encode_uri_component(&source))));
    Ok(())
}

/// The colour behind the chart, and whether it is light or dark.
fn look(chart: &Element) -> Result<(String, String), JsValue> {
    let root = document().document_element().ok_or(JsValue::NULL)?;
    let color = |element: &Element| -> Result<String, JsValue> {
        window().get_computed_style(element)?.ok_or(JsValue::NULL)?.get_property_value("background-color")
    };
    let theme = root.get_attribute("data-theme");
    let dark = window().match_media("(prefers-color-scheme: dark)")?.is_some_and(|query| query.matches());
    let scheme = theme.unwrap_or_else(|| if dark { "dark" } else { "light" }.to_owned());
    let mut under = chart.parent_element();
    while let Some(element) = under {
        let ground = color(&element)?;
        if !ground.is_empty() && ground != "rgba(0, 0, 0, 0)" {
            return Ok((ground, scheme));
        }
        under = element.parent_element();
    }
    Ok((color(&root)?, scheme))
}

/// The chart as an SVG document.
fn source(chart: &Element, width: f64, height: f64, scheme: &str) -> Result<String, JsValue> {
    let copy: Element = chart.clone_node_with_deep(true)?.unchecked_into();
    copy.set_attribute("xmlns", "http://www.w3.org/2000/svg")?;
    copy.set_attribute("width", &format!("{}", width.round() as i64))?;
    copy.set_attribute("height", &format!("{}", height.round() as i64))?;
    copy.set_attribute("style", &format!("color-scheme:{scheme};--scrolled:0px"))?;
    let style = document().create_element_ns(Some("http://www.w3.org/2000/svg"), "style")?;
    style.set_text_content(Some(&styles()?));
    copy.insert_before(&style, copy.first_child().as_ref())?;
    XmlSerializer::new()?.serialize_to_string(&copy)
}

/// The rules of the page's style sheets.
fn styles() -> Result<String, JsValue> {
    let sheets = document().style_sheets();
    let mut text = String::new();
    for sheet in (0..sheets.length()).filter_map(|index| sheets.item(index)) {
        let sheet: CssStyleSheet = sheet.unchecked_into();
        let rules = sheet.css_rules()?;
        for rule in (0..rules.length()).filter_map(|index| rules.item(index)) {
            // By name, because it is the base class of every kind of rule.
            text += &Reflect::get(&rule, &"cssText".into())?.as_string().unwrap_or_default();
        }
    }
    Ok(text)
}
