//! What does the master key seal here?

use crate::export::Slot;
use proto::id::{ExportId, ScheduleId, WorkspaceId};
use store::{
    Value, replay,
    seal::rotate::{Column, Part},
};

const OF_WORKSPACE: &[(&str, Part)] = &[("workspace_id", Part::Uuid), ("id", Part::Uuid)];

/// Columns that the master key seals. Links to exports are sealed too and stand in letters only: they end with the key.
pub const SEALED: [Column; 3] = [
    Column { table: "exports", name: "credential", key: OF_WORKSPACE, place: of_export },
    Column { table: "export_schedules", name: "credential", key: OF_WORKSPACE, place: of_schedule },
    replay::sealed(|key| replay::place_of("usage", key)),
];

fn of_export(key: &[Value]) -> Vec<u8> {
    match key {
        [Value::Uuid(Some(workspace)), Value::Uuid(Some(id))] => {
            Slot::export(WorkspaceId::from_uuid(*workspace), ExportId::from_uuid(*id)).place()
        }
        _ => vec![],
    }
}

fn of_schedule(key: &[Value]) -> Vec<u8> {
    match key {
        [Value::Uuid(Some(workspace)), Value::Uuid(Some(id))] => {
            Slot::schedule(WorkspaceId::from_uuid(*workspace), ScheduleId::from_uuid(*id)).place()
        }
        _ => vec![],
    }
}
