package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.code.FunctionName;
import org.jspecify.annotations.Nullable;

/**
 * A public static method that is called by its name, with arguments and a result as JSON. So a
 * program can call code that it does not have: that of a git repository, of a folder on the
 * workers, or of an image. Immutable.
 *
 * <pre>{@code
 * JobOptions code = JobOptions.of(cpu(1)).code(Code.git("https://github.com/acme/jobs"));
 * double energy =
 *     Grain.exec(code, FunctionRef.named("com.acme.Jobs::energy").returning(Double.class), "H2O", 3);
 * }</pre>
 *
 * <p>The class comes from the {@linkplain JobOptions#code code} of the job alone, if that is not
 * the code of the program. So it is what the repository has, even if the program has a class with
 * the same name.
 *
 * <p>The number of arguments selects the method among those with the same name; if several have as
 * many parameters, name their types: {@code com.acme.Jobs::energy(double, int)}. Each argument is
 * converted from its JSON to the type of its parameter; properties that this type does not have,
 * fractions for whole numbers and {@code null} for primitive types are refused. A parameter such as
 * {@code int...} takes an array. A method without a result returns {@code null}.
 *
 * <p>A job whose class or method is not there, or whose arguments do not fit, ends with a {@link
 * JobNotStartedException} and is not retried. An exception that the function throws arrives as
 * usual, as a {@link RemoteException} if the program does not have its class.
 *
 * <p>JSON needs Jackson 3 on the class path of the program: {@code
 * tools.jackson.core:jackson-databind}. A worker has it; if the code of the job brings Jackson 2 or
 * 3 itself, that is used there, with the modules that it finds.
 *
 * @param <R> the type of the result
 */
public final class FunctionRef<R extends @Nullable Object> {
  private final FunctionName name;
  private final Bytes encoded;
  private final JsonResult<R> result;

  private FunctionRef(FunctionName name, Bytes encoded, JsonResult<R> result) {
    this.name = name;
    this.encoded = encoded;
    this.result = result;
  }

  /**
   * Returns the function with a name. Its result is JSON, as text.
   *
   * @param name {@code CLASS::METHOD}, such as {@code com.acme.Jobs::energy}, or with the types of
   *     the parameters {@code com.acme.Jobs::energy(double, int)}
   * @throws IllegalArgumentException if it is something else
   */
  public static FunctionRef<String> named(String name) {
    FunctionName parsed = FunctionName.parse(name);
    return new FunctionRef<>(parsed, parsed.encode(), JsonResult.TEXT);
  }

  /**
   * Returns the same function with its result as an object of a class, converted from JSON by
   * Jackson: a record, a number, a {@code String}, a {@code Map}, an array of these. The result is
   * null if the function returns null.
   */
  public <T> FunctionRef<T> returning(Class<T> type) {
    return new FunctionRef<>(name, encoded, new JsonResult<>(type));
  }

  /** Returns its identity; the same object each time. */
  Bytes encoded() {
    return encoded;
  }

  /** Returns how its result is read; the same object each time. */
  JsonResult<R> result() {
    return result;
  }

  /** Returns the name as it was given. */
  @Override
  public String toString() {
    return name.toString();
  }
}
