package dev.grain.code;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what {@link JavaOutput} wrote, with the classes of this side. */
final class JavaInput extends ObjectInputStream {
  /** Ours, which the loader need not know. */
  private static final Map<String, Class<?>> OWN =
      Map.of(
          JavaOutput.Token.class.getName(), JavaOutput.Token.class,
          JavaOutput.Nested.class.getName(), JavaOutput.Nested.class,
          JavaOutput.Frames.class.getName(), JavaOutput.Frames.class);

  private final ClassFinder classes;
  private final @Nullable Object[] parts;
  private final FailureParts.Rebuilt rebuilt;

  JavaInput(
      InputStream source,
      ClassFinder classes,
      @Nullable Object[] parts,
      FailureParts.Rebuilt rebuilt)
      throws IOException {
    super(source);
    this.classes = classes;
    this.parts = parts;
    this.rebuilt = rebuilt;
    enableResolveObject(true);
  }

  @Override
  protected @Nullable Object resolveObject(@Nullable Object object) {
    return switch (object) {
      case JavaOutput.Token token -> parts[token.index()];
      case JavaOutput.Nested token -> rebuilt.failure(token.index());
      case JavaOutput.Frames _ -> rebuilt.frames();
      case null, default -> object;
    };
  }

  @Override
  protected Class<?> resolveClass(ObjectStreamClass described) throws ClassNotFoundException {
    String name = described.getName();
    Class<?> own = OWN.get(name);
    if (own != null) {
      return own;
    }
    Class<?> primitive = Class.forPrimitiveName(name);
    return primitive != null ? primitive : classes.find(name);
  }

  @Override
  protected Class<?> resolveProxyClass(String[] names) throws ClassNotFoundException {
    Class<?>[] interfaces = new Class<?>[names.length];
    for (int i = 0; i < names.length; i++) {
      interfaces[i] = classes.find(names[i]);
    }
    return Proxy.newProxyInstance(classes.loaderOf(interfaces), interfaces, (_, _, _) -> null)
        .getClass();
  }
}
