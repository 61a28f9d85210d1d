//! The rows of an answer as Arrow record batches, in types that every Arrow reader knows.

use std::sync::Arc;

use adbc_core::error::{Error, Result};
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi_and_data_type};
use arrow_array::{ArrayRef, NullArray, RecordBatch, RecordBatchOptions, RecordBatchReader, make_array};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use polars::prelude::{CompatLevel, DataFrame};

/// The rows of an answer.
pub struct Answer {
    schema: SchemaRef,
    batches: std::vec::IntoIter<RecordBatch>,
}

impl Answer {
    /// The rows of a frame.
    pub fn new(mut frame: DataFrame) -> Result<Answer> {
        frame.align_chunks_par();
        let schema = schema(&frame)?;
        let mut batches = Vec::new();
        for chunk in frame.iter_chunks(CompatLevel::oldest(), false) {
            let options = RecordBatchOptions::new().with_row_count(Some(chunk.len()));
            let columns = chunk
                .into_arrays()
                .into_iter()
                .zip(schema.fields())
                .map(|(array, field)| arrow_array(array, field))
                .collect::<Result<Vec<_>>>()?;
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

impl RecordBatchReader for Answer {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// The Arrow schema of a frame's rows.
pub fn schema(frame: &DataFrame) -> Result<SchemaRef> {
    let fields = frame
        .columns()
        .iter()
        .map(|column| arrow_field(&column.field().to_arrow(CompatLevel::oldest())))
        .collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(Schema::new(fields)))
}

// polars and arrow-rs meet at the Arrow C data interface, whose structures both define with the same layout.

fn arrow_field(field: &polars_arrow::datatypes::Field) -> Result<Field> {
    let exported = polars_arrow::ffi::export_field_to_c(field);
    // SAFETY: both types are the `ArrowSchema` of the C data interface; ownership moves with it.
    let exported: FFI_ArrowSchema = unsafe { std::mem::transmute(exported) };
    Field::try_from(&exported).map_err(Error::from)
}

fn arrow_array(array: Box<dyn polars_arrow::array::Array>, field: &Field) -> Result<ArrayRef> {
    if field.data_type().is_null() {
        // polars gives these a buffer, which arrow-rs does not accept.
        return Ok(Arc::new(NullArray::new(array.len())));
    }
    let exported = polars_arrow::ffi::export_array_to_c(array);
    // SAFETY: both types are the `ArrowArray` of the C data interface; ownership moves with it. The array and the field
    // come from one column, so the buffers are those of the field's type.
    let data = unsafe {
        let exported: FFI_ArrowArray = std::mem::transmute(exported);
        from_ffi_and_data_type(exported, field.data_type().clone())?
    };
    Ok(make_array(data))
}
