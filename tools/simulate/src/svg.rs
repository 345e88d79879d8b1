//! Charts as small SVG files, which are readable in light and in dark.

use std::fmt::Write as _;

/// A line of a chart.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) name: &'static str,
    pub(crate) points: Vec<(f64, f64)>,
}

/// A scale of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    Linear,
    Log,
}

/// A chart with up to four lines.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) title: &'static str,
    pub(crate) x: (&'static str, Scale),
    pub(crate) y: (&'static str, Scale),
    pub(crate) series: Vec<Series>,
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 48.0;

/// Colours with enough contrast on white and, the second, on black.
const STYLE: &str = "text{font:12px sans-serif;fill:#1f2328}.t{font-size:14px;font-weight:600}\
.g{stroke:#d0d7de}path{fill:none;stroke-width:2}\
.s0{stroke:#0550ae}.s1{stroke:#bc4c00}.s2{stroke:#116329}.s3{stroke:#8250df}\
.f0{fill:#0550ae}.f1{fill:#bc4c00}.f2{fill:#116329}.f3{fill:#8250df}\
.b{fill:#fff}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.b{fill:#0d1117}.g{stroke:#3d444d}\
.s0{stroke:#79c0ff}.s1{stroke:#ffa657}.s2{stroke:#7ee787}.s3{stroke:#d2a8ff}\
.f0{fill:#79c0ff}.f1{fill:#ffa657}.f2{fill:#7ee787}.f3{fill:#d2a8ff}}";

impl Chart {
    /// Draws the chart.
    pub(crate) fn draw(&self) -> Result<String, std::fmt::Error> {
        let all = || self.series.iter().flat_map(|one| &one.points);
        let x = Axis::of(self.x.1, all().map(|point| point.0));
        let y = Axis::of(self.y.1, all().map(|point| point.1));
        let at_x = |value: f64| LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
        let at_y = |value: f64| HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             role=\"img\" aria-label=\"{0}\">\n<style>{STYLE}</style>\n\
             <rect class=\"b\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n\
             <text class=\"t\" x=\"{LEFT}\" y=\"20\">{0}</text>\n",
            self.title
        );
        for tick in y.ticks() {
            let at = at_y(tick);
            writeln!(
                svg,
                "<line class=\"g\" x1=\"{LEFT}\" x2=\"{:.0}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
                 <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                at + 4.0,
                label(tick)
            )?;
        }
        for tick in x.ticks() {
            writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>",
                at_x(tick),
                HEIGHT - BOTTOM + 16.0,
                label(tick)
            )?;
        }
        writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            HEIGHT - 10.0,
            self.x.0
        )?;
        writeln!(
            svg,
            "<text x=\"8\" y=\"{:.0}\">{}</text>",
            HEIGHT - 10.0,
            self.y.0
        )?;
        let mut legend = LEFT;
        for (number, series) in self.series.iter().enumerate() {
            let name = series.name;
            writeln!(
                svg,
                "<text class=\"f{number}\" x=\"{legend:.0}\" y=\"40\">{name}</text>"
            )?;
            legend += 8.0 * series.name.chars().fold(0.0, |sum, _| sum + 1.0) + 16.0;
            let mut path = String::new();
            for (px, py) in &series.points {
                let command = if path.is_empty() { 'M' } else { 'L' };
                write!(path, "{command}{:.1} {:.1}", at_x(*px), at_y(*py))?;
            }
            writeln!(svg, "<path class=\"s{number}\" d=\"{path}\"/>")?;
        }
        svg.push_str("</svg>\n");
        Ok(svg)
    }
}

/// An axis from its least to its greatest value.
#[derive(Clone, Copy, Debug)]
struct Axis {
    scale: Scale,
    from: f64,
    to: f64,
}

impl Axis {
    fn of(scale: Scale, values: impl Iterator<Item = f64> + Clone) -> Self {
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let greatest = values.fold(f64::NEG_INFINITY, f64::max);
        let (from, to) = match scale {
            Scale::Linear => (0.0, greatest.max(1.0)),
            Scale::Log => {
                let decade = |value: f64| value.max(1e-3).log10();
                (decade(least).floor(), decade(greatest).ceil())
            }
        };
        let to = if to > from { to } else { from + 1.0 };
        Self { scale, from, to }
    }

    fn place(self, value: f64) -> f64 {
        let value = match self.scale {
            Scale::Linear => value,
            Scale::Log => value.max(1e-3).log10(),
        };
        (value - self.from) / (self.to - self.from)
    }

    fn ticks(self) -> Vec<f64> {
        match self.scale {
            Scale::Log => {
                let decades = std::iter::successors(Some(self.from), |one| Some(one + 1.0));
                let decades = decades.take_while(|one| *one <= self.to + 1e-9);
                decades.map(|one| 10_f64.powf(one)).collect()
            }
            Scale::Linear => {
                let rough = self.to / 5.0;
                let decade = 10_f64.powf(rough.log10().floor());
                let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade);
                let step = steps.into_iter().find(|step| *step >= rough);
                let step = step.unwrap_or(self.to);
                let ticks = std::iter::successors(Some(0.0), move |one| Some(one + step));
                ticks.take_while(|one| *one <= self.to + 1e-9).collect()
            }
        }
    }
}

fn label(value: f64) -> String {
    let text = |value: f64| format!("{}", (value * 1e3).round() / 1e3);
    match value {
        value if value >= 1e6 => format!("{}M", text(value / 1e6)),
        value if value >= 1e3 => format!("{}k", text(value / 1e3)),
        value => text(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_keep_within_the_frame_on_both_scales() {
        for scale in [Scale::Linear, Scale::Log] {
            let axis = Axis::of(scale, [3.0, 700.0].into_iter());
            for value in [3.0, 50.0, 700.0] {
                assert!((0.0..=1.0).contains(&axis.place(value)), "{scale:?}");
            }
            assert!((2..=8).contains(&axis.ticks().len()));
        }
    }

    #[test]
    fn a_chart_has_a_line_and_a_name_for_each_series() {
        let one = |name| Series {
            name,
            points: vec![(1.0, 1.0), (10.0, 3.0)],
        };
        let chart = Chart {
            title: "title",
            x: ("users", Scale::Log),
            y: ("seconds", Scale::Linear),
            series: vec![one("first"), one("second")],
        };
        let svg = chart.draw().unwrap();
        assert_eq!(svg.matches("<path").count(), 2);
        assert!(svg.contains("first") && svg.contains("second"));
    }
}
