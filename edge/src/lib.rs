//! HTTP only: the OpenAI face, the REST face, the layers around them.
