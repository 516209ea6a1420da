//! What the master key seals, as the services declare it for its rotation.

use crate::{SERVICES, postgres, services};
use store::{
    seal::{
        MasterKey,
        rotate::{Column, Sealed},
    },
    testing,
};

const SEALED: [(&str, &[Column]); 3] =
    [("identity", &identity::SEALED), ("workspace", &workspace::SEALED), ("usage-metering", &usage_metering::SEALED)];

#[tokio::test]
async fn every_sealed_column_is_there_on_both_databases() {
    let ring = MasterKey::generate().beside([MasterKey::generate()]);
    for (name, columns) in SEALED {
        let (_, schema) = SERVICES.iter().find(|(service, _)| *service == name).unwrap();
        for db in [testing::sqlite(schema).await, postgres(schema).await] {
            for column in columns {
                let none = Sealed { by: vec![0, 0], by_others: 0 };
                assert_eq!(column.count(&db, &ring).await.unwrap(), none, "{name}: {column:?}");
                assert_eq!(column.rotate(&db, &ring).await.unwrap(), 0, "{name}: {column:?}");
            }
        }
    }
}

/// Whoever keeps answers that are given again seals them with the master key.
#[test]
fn every_service_with_kept_answers_declares_them() {
    for (name, schema) in SERVICES {
        let keeps = schema.migrations.iter().any(|m| m.sqlite.contains("-- include: replay"));
        let columns = SEALED.iter().find(|(service, _)| *service == name).map_or(&[][..], |(_, columns)| columns);
        let declared = columns.iter().any(|column| column.label() == "replays.answer");
        assert_eq!(keeps, declared, "{}", services().join(name).display());
    }
}
