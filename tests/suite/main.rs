//! All integration tests, in one binary: linking it is the slow part.

#[cfg(test)]
mod access;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod best_for;
#[cfg(test)]
mod calibration;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod detail;
#[cfg(test)]
mod detail_page;
#[cfg(test)]
mod detection;
#[cfg(test)]
mod engines;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod export;
#[cfg(test)]
mod files;
#[cfg(test)]
mod fleet_page;
#[cfg(test)]
mod gallery;
#[cfg(test)]
mod habits;
#[cfg(test)]
mod here;
#[cfg(test)]
mod hub;
#[cfg(test)]
mod language;
#[cfg(test)]
mod launch;
#[cfg(test)]
mod machine_page;
#[cfg(test)]
mod machines;
#[cfg(test)]
mod map;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod measured;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod models;
#[cfg(test)]
mod own;
#[cfg(test)]
mod palette;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod placement;
#[cfg(test)]
mod processors;
#[cfg(test)]
mod quality_fit;
#[cfg(test)]
mod quant_mix;
#[cfg(test)]
mod ranking_fit;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod share;
#[cfg(test)]
mod soft_renderer;
#[cfg(test)]
mod solver;
#[cfg(test)]
mod speed;
#[cfg(test)]
mod strip;
#[cfg(test)]
mod tray;
#[cfg(test)]
mod ui;
#[cfg(test)]
mod widgets;
#[cfg(test)]
mod window;
#[cfg(test)]
mod words;
#[cfg(test)]
mod work_examples;
#[cfg(test)]
mod work_page;
#[cfg(test)]
mod worked;
