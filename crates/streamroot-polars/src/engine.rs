//! What a database holds, and how a query on it is answered.

use std::sync::Arc;

use adbc_core::error::{Error, Result, Status};
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi_and_data_type};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, make_array};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use polars::prelude::*;
use polars::sql::SQLContext;

/// An opened data set.
pub struct Engine {
    sessions: LazyFrame,
}

impl Engine {
    pub fn open(uri: &str) -> Result<Engine> {
        let frame = CsvReadOptions::default()
            .try_into_reader_with_file_path(Some(uri.into()))
            .and_then(|reader| reader.finish())
            .map_err(invalid_data)?;
        let mut frame = frame;
        if frame.column("#stream").is_ok() {
            frame.rename("#stream", "stream".into()).map_err(invalid_data)?;
        }
        Ok(Engine { sessions: frame.lazy() })
    }

    pub fn query(&self, sql: &str) -> Result<Answer> {
        let mut context = SQLContext::new();
        context.register("sessions", self.sessions.clone());
        let frame = context.execute(sql).and_then(|plan| plan.collect()).map_err(invalid_data)?;
        Answer::new(frame)
    }
}

fn invalid_data(error: PolarsError) -> Error {
    Error::with_message_and_status(error.to_string(), Status::InvalidData)
}

/// The rows of an answer as Arrow record batches.
pub struct Answer {
    schema: SchemaRef,
    batches: std::vec::IntoIter<RecordBatch>,
}

impl Answer {
    fn new(mut frame: DataFrame) -> Result<Answer> {
        frame.align_chunks_par();
        let fields = frame
            .columns()
            .iter()
            .map(|column| arrow_field(&column.field().to_arrow(CompatLevel::oldest())))
            .collect::<Result<Vec<_>>>()?;
        let schema = Arc::new(Schema::new(fields));
        let mut batches = Vec::new();
        for chunk in frame.iter_chunks(CompatLevel::oldest(), false) {
            let rows = chunk.len();
            let columns = chunk
                .into_arrays()
                .into_iter()
                .zip(schema.fields())
                .map(|(array, field)| arrow_array(array, field))
                .collect::<Result<Vec<_>>>()?;
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            batches.push(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?);
        }
        Ok(Answer { schema, batches: batches.into_iter() })
    }
}

impl Iterator for Answer {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batches.next().map(Ok)
    }
}

impl arrow_array::RecordBatchReader for Answer {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// polars and arrow-rs meet at the Arrow C data interface, whose structures both define with the same layout.
fn arrow_field(field: &polars_arrow::datatypes::Field) -> Result<Field> {
    let exported = polars_arrow::ffi::export_field_to_c(field);
    // SAFETY: both types are the `ArrowSchema` of the C data interface; ownership moves with it.
    let exported: FFI_ArrowSchema = unsafe { std::mem::transmute(exported) };
    Ok(Field::try_from(&exported)?)
}

fn arrow_array(array: Box<dyn polars_arrow::array::Array>, field: &Field) -> Result<ArrayRef> {
    let exported = polars_arrow::ffi::export_array_to_c(array);
    // SAFETY: both types are the `ArrowArray` of the C data interface; ownership moves with it. The array was exported
    // from the same column as the field, so its buffers are those of the field's type.
    let data = unsafe {
        let exported: FFI_ArrowArray = std::mem::transmute(exported);
        from_ffi_and_data_type(exported, field.data_type().clone())?
    };
    Ok(make_array(data))
}
