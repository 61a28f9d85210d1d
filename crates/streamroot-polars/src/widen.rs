//! Reads Parquet and Arrow files with columns of types that polars has not been built for: bytes, 16-bit numbers and the like.
//!
//! To build polars for each of them would take minutes. Such columns are few, so their values are put into a wider type when
//! they are read, part of a file after another; rows that are many go to a file without a name.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::panic::catch_unwind;

use adbc_core::error::Error;
use polars::prelude::*;
use polars_arrow::array::{Array, PrimitiveArray, new_empty_array};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field as ArrowField};
use polars_arrow::io::ipc;
use polars_buffer::Buffer;
use polars_parquet::read::{
    BasicDecompressor, FileMetadata, PageReader, column_iter_to_arrays, infer_schema, read_metadata,
};
use polars_utils::float16::pf16;

use crate::csv::value::Type;
use crate::error::fail;
use crate::source::{Format, Input};
use crate::store::{MOST_ROWS_IN_MEMORY, Spill};

/// The rows of all files, with folders' keys and perhaps a column for the path of each one's file, if the first file has a
/// column that needs it, or stands where polars would find keys that are none; nothing if polars can read them itself.
pub fn widened(inputs: &[Input], path: Option<&str>) -> PolarsResult<Option<LazyFrame>> {
    let schema = schema(&inputs[0])?;
    let narrow: Vec<_> = schema.iter_values().filter_map(|field| Some((field, unheld(field.dtype())?))).collect();
    if narrow.is_empty() && !looks_partitioned_above(&inputs[0]) {
        return Ok(None);
    }
    if let Some((field, unheld)) = narrow.iter().find(|(field, _)| *field.dtype() != ArrowDataType::Float16) {
        return Err(fail(format!(
            "{}: column {} holds values of type {unheld:?}, which the engine can't read: leave it out, or convert it when the file is written",
            inputs[0].path.display(),
            field.name
        )));
    }
    let mut rows = Rows { frames: Vec::new(), height: 0, spill: None };
    let types = key_types(inputs);
    for input in inputs {
        let mut add = |frame: DataFrame| rows.add(labelled(frame, input, &types, path)?);
        match input.format {
            Format::Ipc => arrow_parts(input, &mut add)?,
            _ => parquet_parts(input, &mut add)?,
        }
    }
    rows.finish(inputs).map(Some)
}

/// Rows in memory while they are few, and in a file from there on.
struct Rows {
    frames: Vec<DataFrame>,
    height: u64,
    spill: Option<Spill>,
}

fn said(error: Error) -> PolarsError {
    fail(error.message)
}

impl Rows {
    fn add(&mut self, frame: DataFrame) -> PolarsResult<()> {
        self.height += frame.height() as u64;
        self.frames.push(frame);
        if self.height <= MOST_ROWS_IN_MEMORY {
            return Ok(());
        }
        for frame in std::mem::take(&mut self.frames) {
            Spill::write(&mut self.spill, &[std::env::temp_dir()], &frame).map_err(said)?;
        }
        Ok(())
    }

    fn finish(self, inputs: &[Input]) -> PolarsResult<LazyFrame> {
        if let Some(spill) = self.spill {
            return spill.finish().map_err(said);
        }
        if self.frames.is_empty() {
            let columns = schema(&inputs[0])?
                .iter_values()
                .map(|field| column(field, Vec::new()))
                .collect::<PolarsResult<_>>()?;
            return Ok(labelled(DataFrame::new(0, columns)?, &inputs[0], &key_types(inputs), None)?.lazy());
        }
        concat(self.frames.into_iter().map(IntoLazy::lazy).collect::<Vec<_>>(), UnionArgs::default())
    }
}

/// The types of folders' keys: each the narrowest that fits its values in all paths, as polars would have it.
fn key_types(inputs: &[Input]) -> Vec<DataType> {
    let of_key = |key: usize| {
        let values = inputs.iter().filter_map(|input| input.partitions.get(key)).filter(|(_, value)| !value.is_empty());
        match values.map(|(_, value)| Type::of(value.as_bytes())).fold(Type::Open, Type::join) {
            Type::Natural | Type::Int => DataType::Int64,
            Type::Float => DataType::Float64,
            Type::Bool => DataType::Boolean,
            Type::Date => DataType::Date,
            Type::Open | Type::Unsigned | Type::Digits | Type::Timestamp | Type::Text => DataType::String,
        }
    };
    (0..inputs[0].partitions.len()).map(of_key).collect()
}

/// The rows with what the file's path says of them.
fn labelled(mut frame: DataFrame, input: &Input, types: &[DataType], path: Option<&str>) -> PolarsResult<DataFrame> {
    let keys = input.partitions.iter().zip(types).map(|((key, value), ty)| (key.as_str(), value.clone(), ty));
    let path = path.map(|name| (name, input.path.to_string_lossy().into_owned(), &DataType::String));
    for (name, value, ty) in keys.chain(path) {
        if !frame.schema().contains(name) {
            let value = if *ty == DataType::Boolean { value.to_lowercase() } else { value };
            let null = Scalar::null(DataType::String);
            let scalar = if value.is_empty() { null } else { Scalar::from(PlSmallStr::from(value)) };
            frame.with_column(Column::new_scalar(name.into(), scalar, frame.height()).strict_cast(ty)?)?;
        }
    }
    Ok(frame)
}

fn schema(input: &Input) -> PolarsResult<ArrowSchema> {
    let mut file = BufReader::new(File::open(&input.path)?);
    match input.format {
        Format::Ipc => Ok(ArrowSchema::clone(&ipc::read::read_file_metadata(&mut file)?.schema)),
        _ => infer_schema(&read_metadata(&mut file)?),
    }
}

/// Whether polars would take a folder above the opened one for a partition: it looks at whole paths.
fn looks_partitioned_above(input: &Input) -> bool {
    let path = input.path.to_string_lossy();
    let above = path.get(..input.below).unwrap_or_default();
    !input.partitions.is_empty() && above.split(['/', '\\']).any(|folder| folder.contains('='))
}

/// The type that polars has not been built for: this one, or one inside it.
fn unheld(ty: &ArrowDataType) -> Option<&ArrowDataType> {
    use ArrowDataType::{LargeList, List, Map, Struct};
    match ty {
        List(inner) | LargeList(inner) | Map(inner, _) => unheld(inner.dtype()),
        Struct(fields) => fields.iter().find_map(|field| unheld(field.dtype())),
        plain => {
            let make = || {
                DataType::from_arrow_dtype(plain);
                Series::from_arrow(PlSmallStr::EMPTY, new_empty_array(plain.clone())).is_ok()
            };
            (!catch_unwind(make).unwrap_or(false)).then_some(plain)
        }
    }
}

/// Gives the rows of a Parquet file, a row group after another.
fn parquet_parts(input: &Input, add: &mut dyn FnMut(DataFrame) -> PolarsResult<()>) -> PolarsResult<()> {
    let mut file = File::open(&input.path)?;
    let metadata: FileMetadata = read_metadata(&mut file)?;
    let schema = infer_schema(&metadata)?;
    let length = file.metadata()?.len();
    for group in &metadata.row_groups {
        let mut columns = Vec::with_capacity(schema.len());
        for field in schema.iter_values() {
            let (mut pages, mut types) = (Vec::new(), Vec::new());
            for chunk in group.columns_under_root_iter(&field.name).into_iter().flatten() {
                let range = chunk.byte_range();
                if range.end > length || range.start > range.end {
                    return Err(polars_err!(ComputeError: "a column lies beyond its end"));
                }
                let mut bytes = vec![0; (range.end - range.start) as usize];
                file.seek(SeekFrom::Start(range.start))?;
                file.read_exact(&mut bytes)?;
                let reader = PageReader::new(Cursor::new(Buffer::from(bytes)), chunk, Vec::new(), usize::MAX);
                pages.push(BasicDecompressor::new(reader, Vec::new()));
                types.push(&chunk.descriptor().descriptor.primitive_type);
            }
            let (arrays, _) = column_iter_to_arrays(pages, types, field.clone(), None)?;
            columns.push(column(field, arrays)?);
        }
        add(DataFrame::new(group.num_rows(), columns)?)?;
    }
    Ok(())
}

/// Gives the rows of an Arrow file, a batch after another.
fn arrow_parts(input: &Input, add: &mut dyn FnMut(DataFrame) -> PolarsResult<()>) -> PolarsResult<()> {
    let mut file = BufReader::new(File::open(&input.path)?);
    let metadata = ipc::read::read_file_metadata(&mut file)?;
    let schema = metadata.schema.clone();
    for batch in ipc::read::FileReader::new(file, metadata, None, None) {
        let batch = batch?;
        let height = batch.len();
        let columns = schema.iter_values().zip(batch.into_arrays()).map(|(field, array)| column(field, vec![array]));
        add(DataFrame::new(height, columns.collect::<PolarsResult<_>>()?)?)?;
    }
    Ok(())
}

/// A column of arrays, in a type that polars has.
fn column(field: &ArrowField, arrays: Vec<Box<dyn Array>>) -> PolarsResult<Column> {
    let ty = field.dtype();
    let name = field.name.clone();
    let arrays = if arrays.is_empty() { vec![new_empty_array(ty.clone())] } else { arrays };
    if unheld(ty).is_none() {
        return Series::try_from((field, arrays)).map(Column::from);
    }
    let wide = |array: Box<dyn Array>| {
        let halves = array.as_any().downcast_ref::<PrimitiveArray<pf16>>();
        let halves =
            halves.ok_or_else(|| polars_err!(ComputeError: "values of {name} are not what they are said to be"))?;
        let wide = halves.iter().map(|value| value.map(|half| f64::from(*half)));
        Ok(PrimitiveArray::<f64>::from_trusted_len_iter(wide).boxed())
    };
    let arrays = arrays.into_iter().map(wide).collect::<PolarsResult<Vec<_>>>()?;
    Series::try_from((name, arrays)).map(Column::from)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use polars_arrow::io::ipc::write::{FileWriter as ArrowWriter, WriteOptions as ArrowOptions};
    use polars_arrow::record_batch::RecordBatchT;
    use polars_parquet::write::{
        CompressionOptions, Encoding, FileWriter, RowGroupIterator, StatisticsOptions, Version, WriteOptions,
    };

    use super::*;

    fn batch() -> (ArrowSchema, RecordBatchT<Box<dyn Array>>) {
        let half: PrimitiveArray<pf16> = [0.5f32, -2.0, 65504.0].iter().map(|x| Some(pf16::from(*x))).collect();
        let arrays: Vec<(&str, Box<dyn Array>)> = vec![
            ("half", Box::new(half)),
            ("byte", Box::new(PrimitiveArray::<u8>::from([Some(0), None, Some(255)]))),
            ("short", Box::new(PrimitiveArray::<u16>::from([Some(1), None, Some(65_535)]))),
            ("plain", Box::new(PrimitiveArray::<f64>::from([Some(1.5), None, Some(-1.0)]))),
        ];
        let field = |(name, array): &(&str, Box<dyn Array>)| {
            ArrowField::new(PlSmallStr::from(*name), array.dtype().clone(), true)
        };
        let schema: ArrowSchema = arrays.iter().map(field).map(|field| (field.name.clone(), field)).collect();
        let arrays = arrays.into_iter().map(|(_, array)| array).collect();
        (schema.clone(), RecordBatchT::new(3, Arc::new(schema), arrays))
    }

    fn input(path: &Path, format: Format) -> Input {
        Input { path: path.to_owned(), format, partitions: vec![("day".to_owned(), "1".to_owned())], below: 0 }
    }

    #[test]
    fn types_that_polars_was_not_built_for_are_read() {
        let directory = std::env::temp_dir().join(format!("streamroot widen {}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let (schema, rows) = batch();
        let arrow = directory.join("a.arrow");
        let options = ArrowOptions { compression: None };
        let mut writer =
            ArrowWriter::try_new(File::create(&arrow).unwrap(), Arc::new(schema.clone()), None, options).unwrap();
        writer.write(&rows, None).unwrap();
        writer.finish().unwrap();

        let parquet = directory.join("a.parquet");
        let options = WriteOptions {
            statistics: StatisticsOptions::default(),
            compression: CompressionOptions::Uncompressed,
            version: Version::V2,
            data_page_size: None,
        };
        let encodings = schema.iter_values().map(|_| vec![Encoding::Plain]).collect();
        let groups = RowGroupIterator::try_new([Ok(rows)].into_iter(), &schema, options, encodings).unwrap();
        let mut writer = FileWriter::try_new(File::create(&parquet).unwrap(), schema, options).unwrap();
        for group in groups {
            writer.write(3, group.unwrap()).unwrap();
        }
        writer.end(None).unwrap();

        for input in [input(&arrow, Format::Ipc), input(&parquet, Format::Parquet)] {
            let rows = widened(std::slice::from_ref(&input), Some("path")).unwrap().unwrap().collect().unwrap();
            let values = |name: &str| {
                let column = rows.column(name).unwrap().cast(&DataType::Float64).unwrap();
                column.f64().unwrap().iter().collect::<Vec<_>>()
            };
            assert_eq!(values("half"), [Some(0.5), Some(-2.0), Some(65504.0)], "{input:?}");
            assert_eq!(values("byte"), [Some(0.0), None, Some(255.0)], "{input:?}");
            assert_eq!(values("short"), [Some(1.0), None, Some(65_535.0)], "{input:?}");
            assert_eq!(values("plain"), [Some(1.5), None, Some(-1.0)], "{input:?}");
            assert_eq!(rows.get_column_names(), ["half", "byte", "short", "plain", "day", "path"]);
            assert_eq!(values("day"), [Some(1.0); 3]);
            assert_eq!(rows.column("day").unwrap().dtype(), &DataType::Int64, "as polars has it of other files");
        }
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
