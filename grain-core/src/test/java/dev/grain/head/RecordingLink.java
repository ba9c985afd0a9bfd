package dev.grain.head;

import dev.grain.message.Link;
import dev.grain.message.Message;
import java.util.ArrayList;
import java.util.List;

/** Keeps what goes to a node, which takes it or does not. */
final class RecordingLink implements Link<Message.ToNode> {
  final List<Message.ToNode> sent = new ArrayList<>();
  boolean congested;

  @Override
  public void send(Message.ToNode message) {
    sent.add(message);
  }

  @Override
  public void flush() {}

  @Override
  public boolean isCongested() {
    return congested;
  }
}
