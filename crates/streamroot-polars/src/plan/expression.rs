//! Expressions: names, literals, operators, CASE, CAST, and what stands in a list.

use sqlparser::ast::{
    self, BinaryOperator, CastKind, CeilFloorKind, DateTimeField, Expr as Syntax, Ident, TrimWhereField, UnaryOperator,
};

use super::arithmetic::{arithmetic, no_number};
use super::coerce::{and, between, case, common, comparable, is_null, literal, not, not_if, to_bool, to_text};
use super::function::{Function, Gives, Takes};
use super::functions as f;
use super::planner::{Place, Planner};
use super::scope::{name_of, same_name};
use super::tree::{Expr, Kind, Value};
use super::types::Type;
use crate::refusal::{Refusal, place_of};

type Made = Result<Expr, Refusal>;

/// A column is compared with no more values of a list than these one by one, as a condition that a scan can be made of.
const MOST_COMPARED: usize = 16;

impl Planner<'_> {
    /// What an expression means.
    pub fn expr(&mut self, syntax: &Syntax, at: &Place) -> Made {
        let place = place_of(syntax);
        let made = self.unplaced(syntax, at)?;
        Ok(if made.place.is_some() { made } else { made.at(place) })
    }

    /// What several expressions mean.
    pub fn exprs<'s>(
        &mut self,
        syntax: impl IntoIterator<Item = &'s Syntax>,
        at: &Place,
    ) -> Result<Vec<Expr>, Refusal> {
        syntax.into_iter().map(|syntax| self.expr(syntax, at)).collect()
    }

    /// What a condition means, if there is one.
    pub fn condition(&mut self, syntax: Option<&Syntax>, at: &Place) -> Result<Option<Expr>, Refusal> {
        syntax.map(|syntax| to_bool(self.expr(syntax, at)?)).transpose()
    }

    fn unplaced(&mut self, syntax: &Syntax, at: &Place) -> Made {
        let refuse = |sentence: &str| Err(Refusal::at(syntax, sentence));
        match syntax {
            Syntax::Identifier(name) => self.name(None, name, at),
            Syntax::CompoundIdentifier(parts) => match parts.as_slice() {
                [name] => self.name(None, name, at),
                [table, name] => self.name(Some(table), name, at),
                _ => refuse("a name has at most a table and a column here"),
            },
            Syntax::Nested(inner) => self.expr(inner, at),
            Syntax::Value(value) => match literal(&value.value) {
                Some((value, ty)) => Ok(Expr::new(Kind::Literal(value), ty)),
                None if matches!(value.value, ast::Value::Number(..)) => {
                    refuse("a whole number of more than 64 bits can't be used here: write it as a DOUBLE, such as 1e20")
                }
                None => {
                    refuse("this way of writing a value can't be used here: write a number, or text in single quotes")
                }
            },
            Syntax::TypedString(typed) => {
                let of = self.expr(&Syntax::Value(typed.value.clone()), at)?;
                self.cast(of, &typed.data_type, false, syntax)
            }
            Syntax::IsNull(inner) | Syntax::IsUnknown(inner) => self.expr(inner, at).map(is_null),
            Syntax::IsNotNull(inner) | Syntax::IsNotUnknown(inner) => self.expr(inner, at).map(is_null).map(not),
            Syntax::IsTrue(inner) => self.is(inner, true, at),
            Syntax::IsFalse(inner) => self.is(inner, false, at),
            Syntax::IsNotTrue(inner) => self.is(inner, true, at).map(not),
            Syntax::IsNotFalse(inner) => self.is(inner, false, at).map(not),
            Syntax::IsNotDistinctFrom(a, b) => self.same(a, b, false, at),
            Syntax::IsDistinctFrom(a, b) => self.same(a, b, true, at),
            Syntax::InList { expr, list, negated } => {
                let of = self.expr(expr, at)?;
                let values = self.exprs(list, at)?;
                let pairs = values.into_iter().map(|value| comparable(of.clone(), value));
                let pairs = pairs.collect::<Result<Vec<_>, _>>()?;
                // Many values, or some of which one has to be computed, are looked up in a set.
                let most = if matches!(of.kind, Kind::Column(_)) { MOST_COMPARED } else { 1 };
                let is_set = pairs.iter().all(|(one, value)| *one == pairs[0].0 && value.is_constant());
                if pairs.len() > most && is_set {
                    return Ok(not_if(*negated, self.in_list(pairs, syntax)));
                }
                let equal = |both| call_bool(&f::EQ, both);
                let any = pairs.into_iter().map(equal).reduce(|any, equal| call_bool(&f::OR, (any, equal)));
                Ok(not_if(*negated, any.unwrap_or_else(|| Expr::bool(false))))
            }
            Syntax::InSubquery { expr, subquery, negated } => self.in_query(expr, subquery, *negated, at),
            Syntax::Exists { subquery, negated } => self.exists(subquery, *negated, at),
            Syntax::Subquery(subquery) => self.value_of(subquery, at),
            Syntax::AnyOp { .. } | Syntax::AllOp { .. } => {
                refuse("ANY and ALL can't be used here: write IN (SELECT ...), or compare with a MIN or MAX")
            }
            Syntax::Between { expr, negated, low, high } => {
                let (of, low, high) = (self.expr(expr, at)?, self.expr(low, at)?, self.expr(high, at)?);
                Ok(not_if(*negated, between(of, low, high)?))
            }
            Syntax::BinaryOp { left, op, right } => self.binary(left, op, right, syntax, at),
            Syntax::UnaryOp { op, expr } => self.unary(*op, expr, syntax, at),
            Syntax::Like { any: false, negated, expr, pattern, escape_char } => {
                self.like(&f::LIKE, expr, pattern, escape_char.as_ref(), *negated, at)
            }
            Syntax::ILike { any: false, negated, expr, pattern, escape_char } => {
                self.like(&f::ILIKE, expr, pattern, escape_char.as_ref(), *negated, at)
            }
            Syntax::Like { any: true, .. } | Syntax::ILike { any: true, .. } => {
                refuse("LIKE ANY can't be used here: join several LIKE with OR")
            }
            Syntax::SimilarTo { negated, expr, pattern, escape_char: None } => {
                self.like(&f::MATCHES, expr, pattern, None, *negated, at)
            }
            Syntax::Cast { kind, expr, data_type, array: false, format: None } => {
                let of = self.expr(expr, at)?;
                self.cast(of, data_type, matches!(kind, CastKind::TryCast | CastKind::SafeCast), syntax)
            }
            Syntax::Case { operand, conditions, else_result, case_token: _, end_token: _ } => {
                let operand = operand.as_ref().map(|operand| self.expr(operand, at)).transpose()?;
                let (mut whens, mut thens) = (Vec::new(), Vec::new());
                for part in conditions {
                    let when = self.expr(&part.condition, at)?;
                    whens.push(match &operand {
                        None => to_bool(when)?,
                        Some(operand) => call_bool(&f::EQ, comparable(operand.clone(), when)?),
                    });
                    thens.push(self.expr(&part.result, at)?);
                }
                thens.push(match else_result {
                    Some(otherwise) => self.expr(otherwise, at)?,
                    None => Expr::null(Type::Null),
                });
                case(whens, thens, "CASE")
            }
            Syntax::Extract { field, expr, syntax: _ } => {
                let part = self.part(field, syntax)?;
                let of = self.expr(expr, at)?;
                self.date_part(part, of)
            }
            Syntax::Ceil { expr, field } => self.rounded(&f::CEIL, expr, field, syntax, at),
            Syntax::Floor { expr, field } => self.rounded(&f::FLOOR, expr, field, syntax, at),
            Syntax::Position { expr, r#in } => {
                let (part, text) = (self.expr(expr, at)?, self.expr(r#in, at)?);
                self.apply(&f::POSITION, vec![text, part])
            }
            Syntax::Substring { expr, substring_from, substring_for, special: _, shorthand: _ } => {
                let one = Syntax::value(ast::Value::Number("1".to_owned(), false));
                let mut of = vec![self.expr(expr, at)?, self.expr(substring_from.as_deref().unwrap_or(&one), at)?];
                if let Some(length) = substring_for {
                    of.push(self.expr(length, at)?);
                }
                self.apply(&f::SUBSTR, of)
            }
            Syntax::Trim { trim_where, trim_what, expr, trim_characters } => {
                let mut of = vec![self.expr(expr, at)?];
                if let Some(what) = trim_what.as_deref().or(trim_characters.as_ref().and_then(|all| all.first())) {
                    of.push(self.expr(what, at)?);
                }
                let function = match trim_where {
                    None | Some(TrimWhereField::Both) => &f::TRIM,
                    Some(TrimWhereField::Leading) => &f::TRIM_START,
                    Some(TrimWhereField::Trailing) => &f::TRIM_END,
                };
                self.apply(function, of)
            }
            Syntax::Function(function) => self.function(function, syntax, at),
            Syntax::Interval(_) => {
                refuse("INTERVAL can't be used here: compute with EPOCH, or compare with a date that is written out")
            }
            Syntax::GroupingSets(_) | Syntax::Cube(_) | Syntax::Rollup(_) => {
                refuse("ROLLUP and the like can only stand in GROUP BY")
            }
            Syntax::Wildcard(_) | Syntax::QualifiedWildcard(..) => refuse("* can't stand in this place"),
            Syntax::Cast { .. } | Syntax::Convert { .. } => {
                refuse("this kind of CAST can't be used here: write CAST(x AS TYPE)")
            }
            Syntax::Tuple(_) => {
                refuse("rows in parentheses can't be used here: compare each value by itself, with AND")
            }
            Syntax::Array(_)
            | Syntax::Map(_)
            | Syntax::Struct { .. }
            | Syntax::Dictionary(_)
            | Syntax::Named { .. } => {
                refuse("lists, structs and maps can't be used here: a value is a number, a text, a boolean or a time")
            }
            Syntax::CompoundFieldAccess { .. }
            | Syntax::JsonAccess { .. }
            | Syntax::InUnnest { .. }
            | Syntax::MemberOf(_) => refuse("parts of lists, structs and JSON can't be used here: there are none"),
            Syntax::AtTimeZone { .. } => refuse("AT TIME ZONE can't be used here: times have no zone"),
            Syntax::Overlay { .. } => refuse("OVERLAY can't be used here: put the text together with || and SUBSTR"),
            Syntax::Collate { .. } => refuse("COLLATE can't be used here: compare LOWER(x)"),
            Syntax::IsNormalized { .. } => refuse("IS NORMALIZED can't be used here"),
            Syntax::SimilarTo { .. } | Syntax::RLike { .. } => {
                refuse("this can't be used here: write REGEXP_MATCHES(x, 'pattern')")
            }
            Syntax::MatchAgainst { .. } => refuse("MATCH can't be used here: use LIKE"),
            Syntax::Prefixed { .. } => refuse("this way of writing text can't be used here: write it in single quotes"),
            Syntax::OuterJoin(_) | Syntax::Prior(_) => refuse("this can't be used here: write JOIN ... ON"),
            Syntax::Lambda(_) => refuse("functions can't be made here"),
        }
    }

    /// A column, or an alias of SELECT where there is no such column.
    fn name(&mut self, table: Option<&Ident>, name: &Ident, at: &Place) -> Made {
        if let Some(column) = at.scope.find(table, name)? {
            if !matches!(column.kind, Kind::Outer(_)) || table.is_some() {
                return Ok(column);
            }
            return Ok(alias(table, name, at)?.unwrap_or(column));
        }
        match alias(table, name, at)? {
            Some(alias) => Ok(alias),
            None => Err(at.scope.unknown(table, name)),
        }
    }

    fn is(&mut self, inner: &Syntax, value: bool, at: &Place) -> Made {
        let of = to_bool(self.expr(inner, at)?)?;
        Ok(call_bool(&f::SAME, (of, Expr::bool(value))))
    }

    /// sqlparser takes all that follows for the second value, also behind AND and OR, which are none of its parts.
    fn same(&mut self, a: &Syntax, b: &Syntax, negated: bool, at: &Place) -> Made {
        match b {
            Syntax::BinaryOp { left, op: BinaryOperator::And, right } => {
                let (is, more) = (self.same(a, left, negated, at)?, self.expr(right, at)?);
                Ok(and(is, to_bool(more)?))
            }
            Syntax::BinaryOp { op: BinaryOperator::Or, .. } => Err(in_parentheses(a)),
            _ => {
                let (a, b) = (self.expr(a, at)?, self.expr(b, at)?);
                Ok(not_if(negated, call_bool(&f::SAME, comparable(a, b)?)))
            }
        }
    }

    fn binary(&mut self, left: &Syntax, op: &BinaryOperator, right: &Syntax, whole: &Syntax, at: &Place) -> Made {
        use BinaryOperator as B;
        if let (B::BitwiseOr, Syntax::BinaryOp { op: B::BitwiseAnd, .. }) = (op, right) {
            return Err(Refusal::at(
                right,
                "which of | and & comes first is not the same everywhere: put one in parentheses",
            ));
        }
        let (a, b) = (self.expr(left, at)?, self.expr(right, at)?);
        let compare = |function, a, b| comparable(a, b).map(|both| call_bool(function, both));
        match op {
            B::Eq => compare(&f::EQ, a, b),
            B::NotEq => compare(&f::NE, a, b),
            B::Lt => compare(&f::LT, a, b),
            B::LtEq => compare(&f::LE, a, b),
            B::Gt => compare(&f::GT, a, b),
            B::GtEq => compare(&f::GE, a, b),
            B::And => Ok(and(to_bool(a)?, to_bool(b)?)),
            B::Or => Ok(call_bool(&f::OR, (to_bool(a)?, to_bool(b)?))),
            B::Plus | B::Minus | B::Multiply | B::Divide | B::Modulo | B::DuckIntegerDivide => {
                arithmetic(op, a, b, whole)
            }
            B::StringConcat => Ok(Expr::call(&f::JOIN, vec![to_text(a), to_text(b)], Type::Text)),
            B::PGRegexMatch => self.apply(&f::MATCHES, vec![a, b]),
            B::PGRegexNotMatch => self.apply(&f::MATCHES, vec![a, b]).map(not),
            B::PGLikeMatch => self.apply(&f::LIKE, vec![a, b]),
            B::PGNotLikeMatch => self.apply(&f::LIKE, vec![a, b]).map(not),
            B::PGILikeMatch => self.apply(&f::ILIKE, vec![a, b]),
            B::PGNotILikeMatch => self.apply(&f::ILIKE, vec![a, b]).map(not),
            B::PGExp | B::BitwiseXor => self.apply(&f::POWER, vec![a, b]),
            B::BitwiseAnd => self.apply(&f::BIT_AND, vec![a, b]),
            B::BitwiseOr => self.apply(&f::BIT_OR, vec![a, b]),
            B::PGBitwiseShiftLeft => self.apply(&f::SHIFT_LEFT, vec![a, b]),
            B::PGBitwiseShiftRight => self.apply(&f::SHIFT_RIGHT, vec![a, b]),
            B::Spaceship
            | B::Xor
            | B::MyIntegerDivide
            | B::Match
            | B::Regexp
            | B::Custom(_)
            | B::PGBitwiseXor
            | B::PGOverlap
            | B::PGRegexIMatch
            | B::PGRegexNotIMatch
            | B::PGStartsWith
            | B::Arrow
            | B::LongArrow
            | B::HashArrow
            | B::HashLongArrow
            | B::AtAt
            | B::AtArrow
            | B::ArrowAt
            | B::HashMinus
            | B::AtQuestion
            | B::Question
            | B::QuestionAnd
            | B::QuestionPipe
            | B::PGCustomBinaryOperator(_)
            | B::Overlaps
            | B::DoubleHash
            | B::LtDashGt
            | B::AndLt
            | B::AndGt
            | B::LtLtPipe
            | B::PipeGtGt
            | B::AndLtPipe
            | B::PipeAndGt
            | B::LtCaret
            | B::GtCaret
            | B::QuestionHash
            | B::QuestionDash
            | B::QuestionDashPipe
            | B::QuestionDoublePipe
            | B::At
            | B::TildeEq
            | B::Assignment => Err(Refusal::at(whole, format!("there is no operator {op} here"))),
        }
    }

    fn unary(&mut self, op: UnaryOperator, inner: &Syntax, whole: &Syntax, at: &Place) -> Made {
        use UnaryOperator as U;
        if let (U::Not, Syntax::IsNotDistinctFrom(a, b) | Syntax::IsDistinctFrom(a, b)) = (op, inner)
            && matches!(**b, Syntax::BinaryOp { op: BinaryOperator::And, .. })
        {
            return Err(in_parentheses(a));
        }
        let of = self.expr(inner, at)?;
        match op {
            U::Not => Ok(not(to_bool(of)?)),
            U::Plus if of.ty.is_number() || of.ty == Type::Null => Ok(of),
            U::Minus => match of.kind {
                Kind::Literal(Value::Whole(n)) if of.ty == Type::UBigInt && n == 1 << 63 => {
                    Ok(Expr::whole(-n, Type::BigInt))
                }
                Kind::Literal(Value::Whole(_)) if of.ty == Type::UBigInt => Err(Refusal::at(
                    whole,
                    "a whole number below -9223372036854775808 can't be used here: write it as a DOUBLE, such as -1e19",
                )),
                Kind::Literal(Value::Whole(n)) if of.ty.is_number() => {
                    Ok(Expr { kind: Kind::Literal(Value::Whole(-n)), ..of })
                }
                Kind::Literal(Value::Number(x)) => Ok(Expr { kind: Kind::Literal(Value::Number(-x)), ..of }),
                _ if of.ty == Type::Null => Ok(of),
                _ if of.ty.is_number() => {
                    let ty = of.ty;
                    let is_double = ty.is_double();
                    Ok(Expr::call(if is_double { &f::NEGATE_DOUBLE } else { &f::NEGATE }, vec![of], ty))
                }
                _ => Err(no_number(&of, "-", whole)),
            },
            U::Plus => Err(no_number(&of, "+", whole)),
            U::PGAbs | U::AtDashAt => self.apply(&f::ABS, vec![of]),
            U::BangNot
            | U::BitwiseNot
            | U::DoubleAt
            | U::Hash
            | U::PGCubeRoot
            | U::PGPostfixFactorial
            | U::PGPrefixFactorial
            | U::PGSquareRoot
            | U::QuestionDash
            | U::QuestionPipe => Err(Refusal::at(whole, format!("there is no operator {op} here"))),
        }
    }

    fn like(
        &mut self,
        function: &'static Function,
        text: &Syntax,
        pattern: &Syntax,
        escape: Option<&ast::ValueWithSpan>,
        negated: bool,
        at: &Place,
    ) -> Made {
        let mut of = vec![self.expr(text, at)?, self.expr(pattern, at)?];
        for part in &of {
            if !matches!(part.ty, Type::Text | Type::Null) {
                return Err(Refusal::at_place(
                    part.place,
                    format!("{} compares texts, and this is a {}: CAST it to VARCHAR", function.name, part.ty.name()),
                ));
            }
        }
        if let Some(escape) = escape {
            match literal(&escape.value) {
                Some((Value::Text(c), _)) if c.chars().count() == 1 => {
                    of.push(Expr::text(c));
                }
                _ => return Err(Refusal::at(text, "ESCAPE is one character in single quotes")),
            }
        }
        let of = of.into_iter().map(to_text).collect();
        Ok(not_if(negated, Expr::call(function, of, Type::Bool)))
    }

    pub fn cast(&mut self, of: Expr, ty: &ast::DataType, lenient: bool, whole: &Syntax) -> Made {
        let Some((to, digits)) = Type::named(ty) else {
            return Err(Refusal::at(
                whole,
                format!(
                    "{ty} can't be cast to here: BOOLEAN, TINYINT to HUGEINT, DECIMAL of up to 18 digits behind the point, FLOAT, DOUBLE, VARCHAR, DATE and TIMESTAMP can"
                ),
            ));
        };
        let from = of.ty;
        let is_of_text = matches!(from, Type::Null | Type::Text) || to == Type::Text;
        if from.is_time() != to.is_time() && !is_of_text {
            return Err(Refusal::at(whole, format!("a {} can't be cast to {}", from.name(), to.name())));
        }
        let same = from == to && !matches!(to, Type::Decimal(_));
        if same || from == Type::Null {
            return Ok(of.cast(to));
        }
        Ok(Expr::new(Kind::Cast { of: Box::new(of), lenient, digits }, to))
    }

    fn part(&self, field: &DateTimeField, whole: &Syntax) -> Result<String, Refusal> {
        let name = match field {
            DateTimeField::Custom(name) => name_of(name).trim_matches('\'').to_owned(),
            other => other.to_string(),
        };
        match crate::run::times::part_name(&name) {
            Some(part) => Ok(part.to_owned()),
            None => Err(Refusal::at(
                whole,
                format!(
                    "there is no part of a time called {name}: year, month, week, day, hour, minute, second, dow and epoch are some"
                ),
            )),
        }
    }

    /// A part of a time: seconds since 1970 are a fraction, all others are whole.
    pub fn date_part(&mut self, part: String, of: Expr) -> Made {
        if part == "epoch" {
            return self.apply(&f::EPOCH, vec![of]);
        }
        self.apply(&f::DATE_PART, vec![Expr::text(part), of])
    }

    fn rounded(
        &mut self,
        function: &'static Function,
        inner: &Syntax,
        field: &CeilFloorKind,
        whole: &Syntax,
        at: &Place,
    ) -> Made {
        match field {
            CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => {
                let of = self.expr(inner, at)?;
                self.apply(function, vec![of])
            }
            CeilFloorKind::DateTimeField(_) => {
                Err(Refusal::at(whole, "write DATE_TRUNC('hour', time) to round a time"))
            }
            CeilFloorKind::Scale(_) => {
                Err(Refusal::at(whole, format!("{} takes no digits here: use ROUND(x, digits)", function.name)))
            }
        }
    }

    /// A function of values that it takes, or can take when they are converted.
    pub fn apply(&mut self, function: &'static Function, of: Vec<Expr>) -> Made {
        let place = of.first().and_then(|of| of.place);
        let takes = function.takes;
        if of.len() < takes.len() - function.optional || of.len() > takes.len() && !function.many {
            let wanted = match (function.optional, function.many) {
                (_, true) => format!("{} or more", takes.len()),
                (0, _) => takes.len().to_string(),
                (optional, _) => format!("{} to {}", takes.len() - optional, takes.len()),
            };
            return Err(Refusal::at_place(place, format!("{} takes {wanted} values, not {}", function.name, of.len())));
        }
        let mut made = Vec::with_capacity(of.len());
        for (i, value) in of.into_iter().enumerate() {
            let taken = takes.get(i).or(takes.last()).copied().unwrap_or(Takes::Any);
            made.push(taken_as(value, taken, function)?);
        }
        if takes.contains(&Takes::Same) {
            made = common(made, function.name)?.0;
        }
        if takes.iter().all(|takes| *takes == Takes::Whole)
            && let [_, _] = made.as_slice()
            && function.gives == Gives::First
        {
            made = common(made, function.name)?.0;
        }
        let first = made.first().map_or(Type::Null, |first| first.ty);
        let ty = match function.gives {
            Gives::Type(ty) => ty,
            Gives::Unscaled => match first {
                Type::Decimal(_) => Type::Decimal(0),
                Type::Float => Type::Float,
                ty if function.name == "TRUNC" && ty.is_whole() => ty,
                _ => Type::Double,
            },
            Gives::First if function.name == "ROUND" => match first {
                Type::Decimal(scale) => {
                    let digits = match made.get(1).map(Expr::literal) {
                        None => 0,
                        Some(Some(Value::Whole(digits))) => u8::try_from((*digits).max(0)).unwrap_or(u8::MAX),
                        Some(_) => scale,
                    };
                    Type::Decimal(scale.min(digits))
                }
                ty => ty,
            },
            Gives::First => first,
        };
        Ok(Expr::call(function, made, ty).at(place))
    }
}

fn in_parentheses(compared: &Syntax) -> Refusal {
    Refusal::at(compared, "beside NOT and OR, write (a IS DISTINCT FROM b) in parentheses")
}

fn alias(table: Option<&Ident>, name: &Ident, at: &Place) -> Result<Option<Expr>, Refusal> {
    if table.is_some() {
        return Ok(None);
    }
    let wanted = name_of(name);
    let Some((_, of)) = at.aliases.iter().find(|(alias, _)| same_name(alias, &wanted)) else { return Ok(None) };
    if !at.aggregates && of.has_aggregate() {
        let instead = if at.clause == "WHERE" { "put the condition in HAVING" } else { "compute it in WITH" };
        return Err(Refusal::at_name(
            name,
            format!("{wanted} is an aggregate, which can't stand in {}: {instead}", at.clause),
        ));
    }
    if at.windows.is_none() && of.has_window() {
        return Err(Refusal::at_name(
            name,
            format!("{wanted} is a window function, which can't stand in {}: compute it in WITH", at.clause),
        ));
    }
    Ok(Some(of.clone()))
}

/// A value as what a function takes.
fn taken_as(value: Expr, takes: Takes, function: &Function) -> Made {
    let is_literal_text = value.ty == Type::Text && value.literal().is_some();
    let (fits, wanted) = match takes {
        Takes::Any | Takes::Same => (true, "a value"),
        Takes::Number => (value.ty.is_number(), "a number"),
        Takes::Double => (value.ty.is_number() || is_literal_text, "a number"),
        Takes::Whole => (value.ty.is_whole() || is_literal_text, "a whole number"),
        Takes::Text => (value.ty == Type::Text, "text"),
        Takes::Time => (value.ty.is_time() || is_literal_text, "a date or a time"),
    };
    if !fits && value.ty != Type::Null {
        return Err(Refusal::at_place(
            value.place,
            format!("{} takes {wanted} here, and this is a {}: CAST it", function.name, value.ty.name()),
        ));
    }
    Ok(match takes {
        Takes::Any if matches!(function.name, "CONCAT" | "CONCAT_WS") => to_text(value),
        Takes::Number if value.ty == Type::Null => value.cast(Type::BigInt),
        Takes::Any | Takes::Same | Takes::Number => value,
        Takes::Whole if value.ty.is_whole() => value,
        Takes::Whole => value.cast(Type::BigInt),
        Takes::Double => value.cast(Type::Double),
        Takes::Text => value.cast(Type::Text),
        Takes::Time if value.ty.is_time() => value,
        Takes::Time => value.cast(Type::Timestamp),
    })
}

fn call_bool(function: &'static Function, (a, b): (Expr, Expr)) -> Expr {
    Expr::call(function, vec![a, b], Type::Bool)
}
