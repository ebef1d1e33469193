"""What in-room processes play: sentences, music, and one track to play them on."""
