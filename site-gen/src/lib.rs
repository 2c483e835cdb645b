//! The generator: content and a theme become a static site and the manifest of its functions.
//!
//! 1. [`load`] walks content and theme into a [`source::Source`].
//! 2. [`model`] links it into a [`site::Site`].
//! 3. [`render`] turns it into outputs.
//! 4. [`mod@write`] alone touches the output folder.
//!
//! [`mod@build`] is the first three in one function, [`generator`] the same for whoever builds again and again; [`record`] is how a build knows that there is nothing to do, [`commands`] is what `site-gen` can be asked to do, [`doctor`] what `site-gen check` looks at besides, [`import`] how documents of others come in. [`editing`] describes what editors write to the programs they write in, [`review`] says who may change what and what waits for whom. [`compress`] and [`hosting`] make the result ready for web servers.

pub mod article;
pub mod build;
pub mod cache;
pub mod commands;
pub mod compress;
pub mod diagnostic;
pub mod doctor;
pub mod editing;
pub mod generator;
pub mod hosting;
pub mod import;
pub mod kinds;
pub mod load;
pub mod markdown;
pub mod model;
pub mod output;
pub mod pictures;
pub mod poster;
pub mod record;
pub mod render;
pub mod review;
pub mod search;
pub mod site;
pub mod slug;
pub mod source;
pub mod stamp;
pub mod write;
