//! When is what exported again?

mod create;
mod delete;
mod list;
mod note;
mod row;
mod run;
mod timetable;

pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use list::list;
pub(crate) use note::{failed, succeeded};
pub(crate) use run::start;

use row::ScheduleRow;
use timetable::Timetable;
