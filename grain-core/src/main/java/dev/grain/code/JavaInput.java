package dev.grain.code;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.lang.reflect.Proxy;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Reads what {@link JavaOutput} wrote, with the classes of one loader. */
final class JavaInput extends ObjectInputStream {
  private final ClassLoader loader;
  private final @Nullable Object[] parts;
  private final IntFunction<? extends Throwable> failures;

  JavaInput(
      InputStream source,
      ClassLoader loader,
      @Nullable Object[] parts,
      IntFunction<? extends Throwable> failures)
      throws IOException {
    super(source);
    this.loader = loader;
    this.parts = parts;
    this.failures = failures;
    enableResolveObject(true);
  }

  @Override
  protected @Nullable Object resolveObject(@Nullable Object object) {
    return switch (object) {
      case JavaOutput.Token token -> parts[token.index()];
      case JavaOutput.Nested token -> failures.apply(token.index());
      case null, default -> object;
    };
  }

  @Override
  protected Class<?> resolveClass(ObjectStreamClass described) throws ClassNotFoundException {
    String name = described.getName();
    if (name.equals(JavaOutput.Token.class.getName())) {
      return JavaOutput.Token.class;
    }
    if (name.equals(JavaOutput.Nested.class.getName())) {
      return JavaOutput.Nested.class;
    }
    Class<?> primitive = Class.forPrimitiveName(name);
    return primitive != null ? primitive : Class.forName(name, false, loader);
  }

  @Override
  protected Class<?> resolveProxyClass(String[] names) throws ClassNotFoundException {
    Class<?>[] interfaces = new Class<?>[names.length];
    for (int i = 0; i < names.length; i++) {
      interfaces[i] = Class.forName(names[i], false, loader);
    }
    return Proxy.newProxyInstance(loader, interfaces, (_, _, _) -> null).getClass();
  }
}
