//! The types that sqlx requires of a driver's database. `Any` has its own rows, values, statements and transactions,
//! so nothing here is ever used.

use std::{
    borrow::Cow,
    convert::Infallible,
    fmt::{self, Display},
};

use sqlx::{
    Arguments, Column, ColumnIndex, Database, Either, Encode, Error, IntoArguments, Row, SqlStr, Statement, Type,
    TypeInfo, Value, ValueRef, error::BoxDynError, query::Query,
};
use sqlx_core::{
    any::AnyConnectionBackend, from_row::FromRow, query_as::QueryAs, query_scalar::QueryScalar,
    transaction::TransactionManager,
};

use super::BouncerConnection;

/// PostgreSQL, through PgBouncer.
#[derive(Debug)]
pub(in crate::store::dialect) struct PgBouncer;

/// Stands for a row, a value or a statement; there is never one.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::store::dialect) struct Never(Infallible);

/// An empty list of parameters.
#[derive(Default)]
pub(in crate::store::dialect) struct NoArguments;

impl Database for PgBouncer {
    type Connection = BouncerConnection;
    type TransactionManager = BouncerConnection;
    type Row = Never;
    type QueryResult = ();
    type Column = Never;
    type TypeInfo = Never;
    type Value = Never;
    type ValueRef<'r> = Never;
    type Arguments = NoArguments;
    type ArgumentBuffer = ();
    type Statement = Never;

    const NAME: &'static str = "PgBouncer";
    const URL_SCHEMES: &'static [&'static str] = &[super::SCHEME];
}

impl TransactionManager for BouncerConnection {
    type Database = PgBouncer;

    async fn begin(connection: &mut Self, statement: Option<SqlStr>) -> Result<(), Error> {
        AnyConnectionBackend::begin(connection, statement).await
    }

    async fn commit(connection: &mut Self) -> Result<(), Error> {
        AnyConnectionBackend::commit(connection).await
    }

    async fn rollback(connection: &mut Self) -> Result<(), Error> {
        AnyConnectionBackend::rollback(connection).await
    }

    fn start_rollback(connection: &mut Self) {
        AnyConnectionBackend::start_rollback(connection);
    }

    fn get_transaction_depth(connection: &Self) -> usize {
        AnyConnectionBackend::get_transaction_depth(connection)
    }
}

impl Row for Never {
    type Database = PgBouncer;

    fn columns(&self) -> &[Self] {
        match self.0 {}
    }

    fn try_get_raw<I: ColumnIndex<Self>>(&self, _: I) -> Result<Self, Error> {
        match self.0 {}
    }
}

impl Column for Never {
    type Database = PgBouncer;

    fn ordinal(&self) -> usize {
        match self.0 {}
    }

    fn name(&self) -> &str {
        match self.0 {}
    }

    fn type_info(&self) -> &Self {
        match self.0 {}
    }
}

impl Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

impl TypeInfo for Never {
    fn is_null(&self) -> bool {
        match self.0 {}
    }

    fn name(&self) -> &str {
        match self.0 {}
    }
}

impl Value for Never {
    type Database = PgBouncer;

    fn as_ref(&self) -> Self {
        match self.0 {}
    }

    fn type_info(&self) -> Cow<'_, Self> {
        match self.0 {}
    }

    fn is_null(&self) -> bool {
        match self.0 {}
    }
}

impl ValueRef<'_> for Never {
    type Database = PgBouncer;

    fn to_owned(&self) -> Self {
        match self.0 {}
    }

    fn type_info(&self) -> Cow<'_, Self> {
        match self.0 {}
    }

    fn is_null(&self) -> bool {
        match self.0 {}
    }
}

impl Arguments for NoArguments {
    type Database = PgBouncer;

    fn reserve(&mut self, _: usize, _: usize) {}

    fn add<'t, T: Encode<'t, PgBouncer> + Type<PgBouncer>>(&mut self, _: T) -> Result<(), BoxDynError> {
        Err("parameters are bound as those of any database".into())
    }

    fn len(&self) -> usize {
        0
    }
}

impl IntoArguments<PgBouncer> for NoArguments {
    fn into_arguments(self) -> Self {
        self
    }
}

impl Statement for Never {
    type Database = PgBouncer;

    fn into_sql(self) -> SqlStr {
        match self.0 {}
    }

    fn sql(&self) -> &SqlStr {
        match self.0 {}
    }

    fn parameters(&self) -> Option<Either<&[Self], usize>> {
        match self.0 {}
    }

    fn columns(&self) -> &[Self] {
        match self.0 {}
    }

    fn query(&self) -> Query<'_, PgBouncer, NoArguments> {
        match self.0 {}
    }

    fn query_with<A: IntoArguments<PgBouncer>>(&self, _: A) -> Query<'_, PgBouncer, A> {
        match self.0 {}
    }

    fn query_as<O: for<'r> FromRow<'r, Self>>(&self) -> QueryAs<'_, PgBouncer, O, NoArguments> {
        match self.0 {}
    }

    fn query_as_with<'s, O, A>(&'s self, _: A) -> QueryAs<'s, PgBouncer, O, A>
    where
        O: for<'r> FromRow<'r, Self>,
        A: IntoArguments<PgBouncer>,
    {
        match self.0 {}
    }

    fn query_scalar<O>(&self) -> QueryScalar<'_, PgBouncer, O, NoArguments>
    where
        (O,): for<'r> FromRow<'r, Self>,
    {
        match self.0 {}
    }

    fn query_scalar_with<'s, O, A>(&'s self, _: A) -> QueryScalar<'s, PgBouncer, O, A>
    where
        (O,): for<'r> FromRow<'r, Self>,
        A: IntoArguments<PgBouncer>,
    {
        match self.0 {}
    }
}
