/**
 * What a shared head keeps: tables in a file of SQLite, or in PostgreSQL.
 *
 * <p>{@link dev.grain.service.store.Store} opens the database, brings its tables up to date, and
 * has one thread that writes. It makes one transaction of all changes that have come meanwhile, and
 * tells their callers after the commit. Whoever reads does so on its own thread.
 */
@NullMarked
package dev.grain.service.store;

import org.jspecify.annotations.NullMarked;
