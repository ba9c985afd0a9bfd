package dev.grain.code;

import dev.grain.bytes.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a method by which it is called where its class is.
 *
 * @param type the name of its class
 * @param method its own name
 * @param parameters the names of the types of its parameters, without their type arguments; null if
 *     the number of arguments selects it
 */
public record FunctionName(String type, String method, @Nullable List<String> parameters) {
  private static final String IDENTIFIER = "[\\p{L}\\p{Sc}\\p{Pc}][\\p{L}\\p{N}\\p{Sc}\\p{Pc}]*";
  private static final Pattern NAME =
      Pattern.compile(
          "(?<type>I(?:\\.I)*)::(?<method>I)(?:\\((?<parameters>[^()]*)\\))?"
              .replace("I", IDENTIFIER));

  private static final Pattern COMMA = Pattern.compile("\\s*,\\s*");

  /**
   * Reads a name such as {@code com.acme.Jobs::energy} or {@code com.acme.Jobs::energy(double)}.
   *
   * @throws IllegalArgumentException if it is not one
   */
  public static FunctionName parse(String name) {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "\"%s\" does not name a function. Write CLASS::METHOD, such as com.acme.Jobs::energy, or with the types of the parameters, com.acme.Jobs::energy(double)."
              .formatted(name));
    }
    String listed = parts.group("parameters");
    List<String> parameters =
        listed == null
            ? null
            : listed.isBlank() ? List.of() : Arrays.asList(COMMA.split(listed.strip(), -1));
    return new FunctionName(
        parts.group("type"),
        parts.group("method"),
        parameters == null ? null : List.copyOf(parameters));
  }

  /** Returns it as the identity of a function; see {@link Functions}. */
  public Bytes encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(Functions.NAMED);
      out.writeUTF(toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.of(bytes.toByteArray());
  }

  /** Reads what follows the kind of the identity. */
  static FunctionName read(DataInputStream in) throws IOException {
    try {
      return parse(in.readUTF());
    } catch (IllegalArgumentException e) {
      throw new IOException(e);
    }
  }

  @Override
  public String toString() {
    String called = type + "::" + method;
    return parameters == null ? called : called + "(" + String.join(", ", parameters) + ")";
  }
}
