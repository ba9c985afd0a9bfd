package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Path;

/** Paths: those of the default file system as written, others as a URI. */
final class PathSerializer extends Serializer<Object> {
  @Override
  public void write(Kryo kryo, Output output, Object object) {
    Path path = (Path) object;
    boolean ordinary = path.getFileSystem().equals(FileSystems.getDefault());
    output.writeBoolean(ordinary);
    output.writeString(ordinary ? path.toString() : path.toUri().toString());
  }

  @Override
  public Object read(Kryo kryo, Input input, Class<?> type) {
    boolean ordinary = input.readBoolean();
    String text = input.readString();
    try {
      return ordinary ? Path.of(text) : Path.of(URI.create(text));
    } catch (FileSystemNotFoundException e) {
      throw EncodingRefusal.of(type, "the file system of " + text + " is not open here", e);
    }
  }
}
