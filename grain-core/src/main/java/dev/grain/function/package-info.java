/**
 * The functions that Grain runs: {@code FnN} return a value, {@code ActN} do not; N is the number
 * of arguments. More than four arguments, or named ones, are a record.
 */
package dev.grain.function;
