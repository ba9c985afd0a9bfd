package dev.grain.minion;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a static method that is called for each item by {@code grain minion --class}. It has one
 * parameter: a {@link Parameter}, a {@code String}, or any type that the JSON of the item fits,
 * such as a record. What it returns is ignored; an exception fails the item.
 *
 * <pre>{@code
 * @Minionize
 * static void simulate(Settings settings) { ... }
 * }</pre>
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Minionize {}
