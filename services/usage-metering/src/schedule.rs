//! When is what exported again?

mod create;
mod delete;
mod list;
mod note;
mod row;
mod run;
mod timetable;
mod update;

pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use list::list;
pub(crate) use note::{failed, succeeded};
pub(crate) use run::start;
pub(crate) use update::update;

use row::ScheduleRow;
use timetable::Timetable;
